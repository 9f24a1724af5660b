import { pino, type Logger } from 'pino';
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
      redact: ['password', 'token', 'secret', 'authorization', '*.password', '*.token', '*.secret', '*.authorization'],
    },
    pino.destination({ dest: 2, sync: false }),
  );
}
