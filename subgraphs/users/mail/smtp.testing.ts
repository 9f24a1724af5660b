import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface Received {
  readonly to: string;
  readonly raw: string;
}

export interface TestMailServer {
  readonly url: string;
  /** What was accepted, in its order. */
  readonly received: Received[];
  readonly to: (address: string) => Received[];
  readonly stop: () => Promise<void>;
}

export interface Behaviour {
  /** An SMTP code to answer a recipient with; 250 where nothing is said. */
  readonly rcpt?: (address: string) => number;
  /** Called with the text in hand, before it is accepted. A number refuses it, `hang up` breaks the line. */
  readonly data?: (address: string) => Promise<number | 'hang up' | null> | number | 'hang up' | null;
  readonly options?: SMTPServerOptions;
}

const refusal = (responseCode: number): Error => Object.assign(new Error('as the test says'), { responseCode });

/** A real mail server on a port of its own. */
export async function startMailServer(behaviour: Behaviour = {}): Promise<TestMailServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onRcptTo: ({ address }, _session, done) => {
      const code = behaviour.rcpt?.(address) ?? 250;
      done(code === 250 ? null : refusal(code));
    },
    onData: (stream, session, done) => {
      const to = session.envelope.rcptTo[0]?.address ?? '';
      const settle = async (): Promise<void> => {
        const bytes = await buffer(stream);
        const answer = (await behaviour.data?.(to)) ?? null;
        if (answer === 'hang up') return void sockets.forEach((socket) => socket.destroy());
        if (answer === null) received.push({ to, raw: decoded(bytes.toString()) });
        done(answer === null ? null : refusal(answer));
      };
      // Whoever was killed has not said all of it.
      settle().catch((error: Error) => done(error));
    },
    ...behaviour.options,
  });
  server.on('error', () => undefined);
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    to: (wanted) => received.filter(({ to }) => to === wanted),
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** Quoted-printable undone, as far as a test reads it. */
const decoded = (raw: string): string =>
  raw.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
