import type { HookTools } from 'gateway/hooks';
import type { JSONWebKeySet } from 'jose';
import { away } from './errors.ts';

const KEYS_MS = 5 * 60_000;
/** A token signed by a key unknown so far asks again, at most so often. */
const STALE_MS = 5000;

export type ReadKeys = (isStale?: boolean) => Promise<JSONWebKeySet>;

/** The published keys, kept for minutes. Throws RETRY_LATER where users cannot be asked. */
export function createKeyReader(send: HookTools['send']): ReadKeys {
  let keys: Promise<JSONWebKeySet> | null = null;
  let readAt = 0;
  return (isStale = false) => {
    const age = Date.now() - readAt;
    if (!keys || age > KEYS_MS || (isStale && age > STALE_MS)) {
      readAt = Date.now();
      keys = send('users', { query: '{ jsonWebKeySet }' }).then(
        ({ data }) => JSON.parse(String(data?.['jsonWebKeySet'])) as JSONWebKeySet,
        () => {
          throw away();
        },
      );
      keys.catch(() => (keys = null));
    }
    return keys;
  };
}
