import type { HookTools } from 'gateway/hooks';
import { LRUCache } from 'lru-cache';
import { away } from './errors.ts';

/** How long what has ended may still be taken for alive: half of the second that is promised. */
const CHECK_MS = 500;
/** Asked about in one request: one document, however many there are. */
const AT_ONCE = 100;
const places = Array.from({ length: AT_ONCE }, (_, index) => index);

/** A field of users, for the gateway alone, that says what a credential is good for now; null where it has ended. */
export interface StateField {
  readonly name: string;
  /** Its one argument, which names the credential, and that argument's type. */
  readonly argument: string;
  readonly type: string;
  readonly selection: string;
}

export interface CredentialStates<State> {
  /** Of one; remembered for a moment, that it is not good too. Throws RETRY_LATER. */
  readonly stateOf: (key: string) => Promise<State | null>;
  /** Of each that is good, as it is now. Throws RETRY_LATER. */
  readonly statesOf: (keys: readonly string[]) => Promise<ReadonlyMap<string, State>>;
}

/** Asks users for the states of credentials of one kind. */
export function createCredentialStates<State>(send: HookTools['send'], field: StateField): CredentialStates<State> {
  const { one, many } = documentsOf(field);
  const ask = async (query: string, variables: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const answer = await send('users', { query, variables }).catch(() => null);
    if (!answer?.data || answer.errors) throw away();
    return answer.data;
  };
  const askOne = async (key: string) =>
    ((await ask(one, { [field.argument]: key }))[field.name] ?? null) as State | null;
  const checks = new LRUCache<string, Promise<State | null>>({ max: 50_000, ttl: CHECK_MS });
  return {
    stateOf: (key) => {
      let check = checks.get(key);
      if (!check) {
        check = askOne(key);
        check.catch(() => checks.delete(key));
        checks.set(key, check);
      }
      return check;
    },
    statesOf: async (keys) => {
      const states = new Map<string, State>();
      for (let start = 0; start < keys.length; start += AT_ONCE) {
        const part = keys.slice(start, start + AT_ONCE);
        // What is asked twice is looked up once.
        const answers = await ask(
          many,
          Object.fromEntries(places.map((index) => [`k${index}`, part[index] ?? part[0]])),
        );
        for (const [index, key] of part.entries()) {
          const state = answers[`k${index}`] as State | null | undefined;
          if (state) states.set(key, state);
        }
      }
      return states;
    },
  };
}

function documentsOf({ name, argument, type, selection }: StateField): { one: string; many: string } {
  const asked = (place: string): string => `${name}(${argument}: $${place}) { ${selection} }`;
  return {
    one: `query State($${argument}: ${type}) { ${asked(argument)} }`,
    many: `query States(${places.map((index) => `$k${index}: ${type}`).join(' ')}) {
  ${places.map((index) => `k${index}: ${asked(`k${index}`)}`).join('\n  ')}
}`,
  };
}
