import type { HookTools } from 'gateway/hooks';
import { CodedError } from 'kit/errors';
import { userViewer } from 'kit/viewer';
import { createCredentialStates } from './credential-states.ts';
import type { CredentialKind } from './credentials.ts';
import { ended } from './errors.ts';
import type { Claims, ReadClaims } from './tokens.ts';

/** What users says of a session that is alive. */
interface SessionState {
  readonly userId: string;
  readonly role: string;
  readonly isUnverified: boolean;
}

const FIELD = { name: 'sessionState', argument: 'id', type: 'ID!', selection: 'userId role isUnverified' };

/** Sessions are users' word: the token says which session, users says whether it is alive and what its person may do now. */
export function sessionCredentials(send: HookTools['send'], readClaims: ReadClaims): CredentialKind {
  const { stateOf, statesOf } = createCredentialStates<SessionState>(send, FIELD);
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
      const states = await statesOf([...sessionIds]);
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
