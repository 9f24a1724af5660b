import type { HookTools } from 'gateway/hooks';

const EVERY_MS = 2000;
const USES_AT_ONCE = 1000;
const NOTE = 'mutation NoteApiKeyUses($input: NoteApiKeyUsesInput!) { noteApiKeyUses(input: $input) }';

export interface UseCounter {
  readonly count: (keyId: string) => void;
  /** Tells what has not been told yet. */
  readonly stop: () => Promise<void>;
}

/**
 * Counts uses of keys, and tells users of them every two seconds at most, and at the stop. What could not be told is told the
 * next time.
 */
export function createUseCounter({ send, logger }: Pick<HookTools, 'send' | 'logger'>): UseCounter {
  let counted = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let telling = Promise.resolve();
  const add = (keyId: string, count: number): void => {
    counted.set(keyId, (counted.get(keyId) ?? 0) + count);
    // A process that has nothing else to do need not stay for it.
    timer ??= setTimeout(() => void tellAll(), EVERY_MS).unref();
  };
  const tell = async (): Promise<void> => {
    const uses = [...counted].map(([id, count]) => ({ id, count }));
    counted = new Map();
    for (let start = 0; start < uses.length; start += USES_AT_ONCE) {
      const part = uses.slice(start, start + USES_AT_ONCE);
      const answer = await send('users', { query: NOTE, variables: { input: { uses: part } } }).catch(() => null);
      if (answer && !answer.errors) continue;
      logger.warn('uses of API keys could not be told to users; they are told later');
      for (const { id, count } of part) add(id, count);
    }
  };
  const tellAll = (): Promise<void> => {
    if (timer) clearTimeout(timer);
    timer = null;
    return (telling = telling.then(tell));
  };
  return { count: (keyId) => add(keyId, 1), stop: tellAll };
}
