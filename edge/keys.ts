import type { HookTools } from 'gateway/hooks';
import type { JSONWebKeySet } from 'jose';
import { away } from './errors.ts';

/** A key that is withdrawn, since it is in foreign hands, is believed for no longer than this. */
const KEYS_MS = 60_000;
/** A token signed by a key unknown so far asks again, at most so often. */
const STALE_MS = 5000;

export type ReadKeys = (isStale?: boolean) => Promise<JSONWebKeySet>;

/** The published keys, kept for a minute: keys that come and go need no restart. Throws RETRY_LATER where users cannot be asked. */
export function createKeyReader(send: HookTools['send']): ReadKeys {
  let keys: Promise<JSONWebKeySet> | null = null;
  let readAt = 0;
  return (isStale = false) => {
    const age = Date.now() - readAt;
    // Of a clock that was set back nothing else would be heard until it has caught up.
    if (!keys || age < 0 || age > KEYS_MS || (isStale && age > STALE_MS)) {
      readAt = Date.now();
      keys = ask(send);
      keys.catch(() => (keys = null));
    }
    return keys;
  };
}

async function ask(send: HookTools['send']): Promise<JSONWebKeySet> {
  const answer = await send('users', { query: '{ jsonWebKeySet }' }).catch(() => null);
  const text = answer?.data?.['jsonWebKeySet'];
  if (typeof text !== 'string') throw away();
  return JSON.parse(text) as JSONWebKeySet;
}
