import type { HookTools } from 'gateway/hooks';
import { LRUCache } from 'lru-cache';
import { away } from './errors.ts';

/** As long as the state of a session: half of the second within which a key that has ended is refused everywhere. */
const CHECK_MS = 500;

/** What users says of a key that is good. */
export interface ApiKeyState {
  readonly id: string;
  readonly userId: string;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly isUnverified: boolean;
}

const STATE_FIELDS = 'id userId role scopes isUnverified';
const STATE = `query ApiKeyState($hash: String!) { apiKeyState(hash: $hash) { ${STATE_FIELDS} } }`;

export type KeyStateOf = (hash: string) => Promise<ApiKeyState | null>;

/** The state of a key, null where it is not good; remembered for a moment, that it is not good too. Throws RETRY_LATER. */
export function createKeyStateReader(send: HookTools['send']): KeyStateOf {
  const checks = new LRUCache<string, Promise<ApiKeyState | null>>({ max: 50_000, ttl: CHECK_MS });
  return (hash) => {
    let check = checks.get(hash);
    if (!check) {
      check = askState(send, hash);
      check.catch(() => checks.delete(hash));
      checks.set(hash, check);
    }
    return check;
  };
}

async function askState(send: HookTools['send'], hash: string): Promise<ApiKeyState | null> {
  const answer = await send('users', { query: STATE, variables: { hash } }).catch(() => null);
  if (!answer || answer.errors) throw away();
  return (answer.data?.['apiKeyState'] ?? null) as ApiKeyState | null;
}

const KEYS_AT_ONCE = 100;
const places = Array.from({ length: KEYS_AT_ONCE }, (_, index) => index);
const STATES = `query ApiKeyStates(${places.map((index) => `$k${index}: String!`).join(' ')}) {
  ${places.map((index) => `k${index}: apiKeyState(hash: $k${index}) { ${STATE_FIELDS} }`).join('\n  ')}
}`;

/** The state of each key that is good, as it is now. */
export async function askKeyStates(
  send: HookTools['send'],
  hashes: readonly string[],
): Promise<ReadonlyMap<string, ApiKeyState>> {
  const states = new Map<string, ApiKeyState>();
  for (let start = 0; start < hashes.length; start += KEYS_AT_ONCE) {
    const part = hashes.slice(start, start + KEYS_AT_ONCE);
    const variables = Object.fromEntries(places.map((index) => [`k${index}`, part[index] ?? part[0]]));
    const answer = await send('users', { query: STATES, variables }).catch(() => null);
    if (!answer || answer.errors) throw away();
    for (const [index, hash] of part.entries()) {
      const state = answer.data?.[`k${index}`] as ApiKeyState | null | undefined;
      if (state) states.set(hash, state);
    }
  }
  return states;
}
