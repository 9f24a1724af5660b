import { once } from 'node:events';
import { createServer } from 'node:net';
import { LocalError } from './errors.ts';
import { assertPortFree, freePort } from './port.ts';

async function withListener<Result>(work: (port: number) => Promise<Result>): Promise<Result> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  try {
    return await work(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    server.close();
  }
}

test('a free port can be listened on', async () => {
  const port = await freePort();
  expect(port).toBeGreaterThan(1023);
  await expect(assertPortFree(port, '127.0.0.1')).resolves.toBeUndefined();
});

test('any port (0) is free', async () => {
  await expect(assertPortFree(0, '127.0.0.1')).resolves.toBeUndefined();
});

test('a busy port is named together with the setting that moves ours', async () => {
  await withListener(async (port) => {
    const refusal = assertPortFree(port, '127.0.0.1');
    await expect(refusal).rejects.toThrow(LocalError);
    await expect(refusal).rejects.toThrow(new RegExp(`^port ${port} is in use .* set PORT`));
  });
});

test('a port that is busy on the loopback address is busy for all addresses', async () => {
  await withListener(async (port) => {
    await expect(assertPortFree(port, '0.0.0.0')).rejects.toThrow(LocalError);
  });
});

test('an address of another machine is told from a busy port', async () => {
  await expect(assertPortFree(4000, '192.0.2.1')).rejects.toThrow(
    /192\.0\.2\.1 is not an address of this machine.*set HOST/,
  );
});
