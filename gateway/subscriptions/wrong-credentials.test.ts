import { startTestGateway } from '../testing/gateway.ts';
import { speak } from '../testing/speaker.ts';

test('wrong credentials over sockets count for their address as they do over HTTP, and right ones still pass', async () => {
  const limited = await startTestGateway({ environment: { RATE_LIMITS: 'on', RATE_SIGNED_IN_REQUESTS: '4' } });
  const closedBy = async (authorization: string): Promise<number> => {
    const spoken = await speak(limited, authorization);
    spoken.socket.close();
    return (await spoken.closed)[0];
  };
  for (let number = 0; number < 2; number++) expect(await closedBy('Bearer nobody')).toBe(4403);
  // One by a ping, and one over HTTP.
  const spoken = await speak(limited, 'Bearer user_a');
  spoken.send({ type: 'ping', payload: { authorization: 'Bearer nobody' } });
  expect((await spoken.closed)[0]).toBe(4403);
  expect((await limited.query('{ me }', { as: 'nobody' })).status).toBe(401);
  expect(await closedBy('Bearer nobody')).toBe(4429);
  expect((await limited.query('{ me }', { as: 'nobody' })).status).toBe(429);
  const signedIn = await speak(limited, 'Bearer user_a');
  expect(signedIn.messages[0]).toEqual({ type: 'connection_ack' });
  signedIn.socket.close();
  await limited.stop();
});
