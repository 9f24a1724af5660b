import { pino, type Logger, stdSerializers } from 'pino';
import { currentScope } from './scope.ts';

export type { Logger };

/** JSON lines on stderr, so that stdout stays free for the one line `npm start` promises. Secrets never reach a log call; these paths are the belt. */
export function createLogger(name: string, level: string): Logger {
  return pino(
    {
      name,
      level,
      base: { name },
      mixin: () => {
        const scope = currentScope();
        return scope ? { requestId: scope.requestId } : {};
      },
      serializers: { err: loggedError },
      redact: ['password', 'token', 'secret', 'authorization', '*.password', '*.token', '*.secret', '*.authorization'],
    },
    pino.destination({ dest: 2, sync: false }),
  );
}

/** Adds to an error's words what the row or the key held that PostgreSQL refused. */
const DETAIL = /\n - detail: .*/g;

/** An error without what people have written: rows and keys that PostgreSQL quotes, and what a command was to give to Redis. */
export function loggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { detail: _, where: __, command, ...logged } = stdSerializers.err(error) as SerializedStoreError;
  return {
    ...logged,
    message: logged.message.replaceAll(DETAIL, ''),
    stack: logged.stack.replaceAll(DETAIL, ''),
    ...(command?.name ? { command: command.name } : {}),
  };
}

type SerializedStoreError = ReturnType<typeof stdSerializers.err> & {
  readonly detail?: unknown;
  readonly where?: unknown;
  readonly command?: { readonly name?: string };
};
