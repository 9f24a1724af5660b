import type { Credentials, GatewayHooks } from 'gateway/hooks';
import { CodedError } from 'kit/errors';
import { anonymous, type Viewer } from 'kit/viewer';

/** One sort of bearer token: access tokens of sessions, API keys. */
export interface CredentialKind {
  /** By its form alone; the first kind that says yes has it. */
  readonly isMine: (token: string) => boolean;
  /** Throws UNAUTHENTICATED for a token that is wrong or has ended, RETRY_LATER where that cannot be told. */
  readonly viewerOf: (token: string, credentials: Credentials) => Promise<Viewer>;
  /** Which of these tokens have ended; remembers nothing. */
  readonly ended: (tokens: readonly string[]) => Promise<readonly string[]>;
  /** Before the gateway is gone: what is left to be told of its tokens. */
  readonly stop?: () => Promise<void>;
}

/** The hooks that say who asks, out of kinds of bearer tokens. */
export function createCredentials(
  kinds: readonly CredentialKind[],
): Required<Pick<GatewayHooks, 'authenticate' | 'ended' | 'stop'>> {
  return {
    authenticate: async (credentials) => {
      if (credentials.authorization === null) return anonymous;
      const token = bearerOf(credentials.authorization);
      const kind = token === null ? undefined : kinds.find(({ isMine }) => isMine(token));
      if (token !== null && kind) return kind.viewerOf(token, credentials);
      throw new CodedError('UNAUTHENTICATED', 'The Authorization header is "Bearer <access token>".');
    },
    ended: async (authorizations) => {
      // One token may be held by several headers: the scheme is written as its client likes.
      const byToken = Map.groupBy(authorizations, (each) => bearerOf(each) ?? '');
      const tokensOf = (kind: CredentialKind): string[] =>
        [...byToken.keys()].filter((token) => kinds.find(({ isMine }) => isMine(token)) === kind);
      const over = await Promise.all(
        kinds.map(async (kind) => {
          const tokens = tokensOf(kind);
          return tokens.length > 0 ? kind.ended(tokens) : [];
        }),
      );
      return over.flat().flatMap((token) => byToken.get(token) ?? []);
    },
    stop: async () => void (await Promise.all(kinds.map(async ({ stop }) => stop?.()))),
  };
}

function bearerOf(authorization: string): string | null {
  const [scheme, token, ...rest] = authorization.split(' ');
  return scheme?.toLowerCase() === 'bearer' && token && rest.length === 0 ? token : null;
}
