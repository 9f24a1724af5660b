import type { HookTools } from 'gateway/hooks';
import { CodedError } from 'kit/errors';
import { userViewer } from 'kit/viewer';
import type { CredentialKind } from './credentials.ts';
import { ended } from './errors.ts';
import { askStates, createStateReader } from './session-states.ts';
import type { Claims, ReadClaims } from './tokens.ts';

/** Sessions are users' word: the token says which session, users says whether it is alive and what its person may do now. */
export function sessionCredentials(send: HookTools['send'], readClaims: ReadClaims): CredentialKind {
  const stateOf = createStateReader(send);
  return {
    // Whatever has no form of its own.
    isMine: () => true,
    viewerOf: async (token) => {
      const { userId, sessionId } = await readClaims(token);
      const state = await stateOf(sessionId);
      if (state?.userId !== userId) throw ended();
      const viewer = userViewer(userId, state.role, sessionId);
      return state.isUnverified ? { ...viewer, isUnverified: true } : viewer;
    },
    ended: async (tokens) => {
      const held = await Promise.all(tokens.map((token) => heldBy(token, readClaims)));
      const sessionIds = new Set(held.flatMap(({ claims }) => (claims ? [claims.sessionId] : [])));
      const states = await askStates(send, [...sessionIds]);
      const isOver = ({ claims, isEnded }: Held): boolean =>
        isEnded || (claims !== null && states.get(claims.sessionId)?.userId !== claims.userId);
      return held.filter(isOver).map(({ token }) => token);
    },
  };
}

interface Held {
  readonly token: string;
  /** Null where the token has ended by itself, or cannot be read just now. */
  readonly claims: Claims | null;
  readonly isEnded: boolean;
}

async function heldBy(token: string, readClaims: ReadClaims): Promise<Held> {
  try {
    return { token, claims: await readClaims(token), isEnded: false };
  } catch (error) {
    return { token, claims: null, isEnded: error instanceof CodedError && error.code === 'UNAUTHENTICATED' };
  }
}
