import type { HookTools } from 'gateway/hooks';
import { LRUCache } from 'lru-cache';
import { away } from './errors.ts';

/** How long an ended session may still be taken for alive: half of the second that is promised. */
const SESSION_CHECK_MS = 500;

/** What users says of a session that is alive. */
export interface SessionState {
  readonly userId: string;
  readonly role: string;
  readonly isUnverified: boolean;
}

/** One list of fields, for one session and for many. */
const STATE_FIELDS = 'userId role isUnverified';

export type StateOf = (sessionId: string) => Promise<SessionState | null>;

/** The state of a session, null where it has ended; remembered for a moment. Throws RETRY_LATER. */
export function createStateReader(send: HookTools['send']): StateOf {
  const checks = new LRUCache<string, Promise<SessionState | null>>({ max: 50_000, ttl: SESSION_CHECK_MS });
  return (sessionId) => {
    let check = checks.get(sessionId);
    if (!check) {
      check = askState(send, sessionId);
      check.catch(() => checks.delete(sessionId));
      checks.set(sessionId, check);
    }
    return check;
  };
}

const SESSION_STATE = `query SessionState($id: ID!) { sessionState(id: $id) { ${STATE_FIELDS} } }`;

async function askState(send: HookTools['send'], sessionId: string): Promise<SessionState | null> {
  const answer = await send('users', { query: SESSION_STATE, variables: { id: sessionId } }).catch(() => null);
  if (!answer || answer.errors) throw away();
  return (answer.data?.['sessionState'] ?? null) as SessionState | null;
}

/** Sessions asked about in one request: one document, however many there are. */
const SESSIONS_AT_ONCE = 100;
const places = Array.from({ length: SESSIONS_AT_ONCE }, (_, index) => index);
const SESSION_STATES = `query SessionStates(${places.map((index) => `$s${index}: ID!`).join(' ')}) {
  ${places.map((index) => `s${index}: sessionState(id: $s${index}) { ${STATE_FIELDS} }`).join('\n  ')}
}`;

/** The state of each session that is alive, as it is now. */
export async function askStates(
  send: HookTools['send'],
  sessionIds: readonly string[],
): Promise<Map<string, SessionState>> {
  const states = new Map<string, SessionState>();
  for (let start = 0; start < sessionIds.length; start += SESSIONS_AT_ONCE) {
    const part = sessionIds.slice(start, start + SESSIONS_AT_ONCE);
    // What is asked twice is looked up once.
    const variables = Object.fromEntries(places.map((index) => [`s${index}`, part[index] ?? part[0]]));
    const answer = await send('users', { query: SESSION_STATES, variables }).catch(() => null);
    if (!answer || answer.errors) throw away();
    for (const [index, sessionId] of part.entries()) {
      const state = answer.data?.[`s${index}`] as SessionState | null | undefined;
      if (state) states.set(sessionId, state);
    }
  }
  return states;
}
