import type { CacheDeclaration } from 'gateway/cache/declarations';
import type { CreateHooks, Credentials, HookTools } from 'gateway/hooks';
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import { CodedError } from 'kit/errors';
import { anonymous, userViewer, type Viewer } from 'kit/viewer';
import { LRUCache } from 'lru-cache';

// All that is Broadsheet's own in the gateway.

const ISSUER = 'broadsheet';
/** How long an ended session may still be taken for alive: half of the second that is promised. */
const SESSION_CHECK_MS = 500;
const KEYS_MS = 5 * 60_000;

interface Claims {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAt: number;
}

interface SessionState {
  readonly userId: string;
  readonly role: string;
}

/** What everybody sees of a person, whoever they are. */
const PUBLIC_FIELDS = ['id', 'username', 'name', 'bio', 'role', 'joinedAt'].map((field) => `User.${field}`);

/** Seconds; counts may be as old. Everything else is told by events. */
const PAGE = { maxAge: 60 };
const PAGE_TYPES = [
  ...['Post', 'PostConnection', 'PostEdge', 'PostCounts', 'TrendingPostConnection', 'TrendingPostEdge', 'Trend'],
  ...['Comment', 'CommentConnection', 'CommentEdge', 'VoteCounts', 'Sentiment', 'Emotions', 'PageInfo'],
  ...['Community', 'CommunityConnection', 'CommunityEdge'],
];

/**
 * Pages are kept for those who are not signed in: they all see the same. Nobody else's answers are kept whole, since every
 * vote, bookmark and membership makes them different; but people, whom everybody sees alike, are for all.
 */
const caching: CacheDeclaration = {
  hints: {
    ...Object.fromEntries(PAGE_TYPES.map((type) => [type, PAGE])),
    User: { maxAge: 60 },
    'Query.viewer': { maxAge: 0 },
    // Without their post in the answer no event would tell of its withdrawal.
    'Query.comment': { maxAge: 0 },
    'Query.comments': { maxAge: 0 },
  },
  visible: ['User'],
  producers: ['users', 'content', 'engagement'],
  keyOf: ({ kind }) => (kind === 'anonymous' ? 'anonymous' : null),
  tagsOf: ({ type, aggregateId, payload }) => tagsOf(type, aggregateId, payload),
};

/** Votes and views change counts alone, and would leave no page of a busy post: those have an age instead. */
function tagsOf(type: string, id: string, payload: Readonly<Record<string, unknown>>): readonly string[] {
  const of = (name: string, entity: string): readonly string[] =>
    typeof payload[name] === 'string' ? [`${entity}:${payload[name]}`] : [];
  switch (type) {
    case 'user.saved':
      return [`User:${id}`];
    case 'user.followed':
    case 'user.unfollowed':
      return [...of('followerId', 'User'), ...of('followedId', 'User')];
    case 'post.saved':
    case 'post.deleted':
      return [`Post:${id}`, 'Query.posts'];
    case 'community.saved':
      // It may have become private, with all that is in it.
      return ['Community', 'Post', 'Comment', 'Query.posts', 'Query.communities'];
    case 'member.joined':
    case 'member.left':
      return [`Community:${id}`, ...of('userId', 'viewer')];
    case 'comment.saved':
    case 'comment.deleted':
      // Pages that show no more of the post than its title stay.
      return [`Comment:${id}`, ...of('postId', 'Post').map((tag) => `${tag}.comments`), ...of('parentId', 'Comment')];
    default:
      return [];
  }
}

/** Sessions are users' word: the token says which session, users says whether it is alive and what its person may do now. */
export const createHooks: CreateHooks = ({ send }) => {
  const readKeys = createKeyReader(send);
  const claimsByToken = new LRUCache<string, Claims>({ max: 10_000 });
  const checks = new LRUCache<string, Promise<SessionState | null>>({ max: 50_000, ttl: SESSION_CHECK_MS });

  const claimsOf = async (token: string): Promise<Claims> => {
    const known = claimsByToken.get(token);
    const claims = known ?? (await verify(token, readKeys));
    if (claims.expiresAt * 1000 <= Date.now()) throw ended();
    if (!known) claimsByToken.set(token, claims);
    return claims;
  };
  const stateOf = (sessionId: string): Promise<SessionState | null> => {
    let check = checks.get(sessionId);
    if (!check) {
      check = askState(send, sessionId);
      check.catch(() => checks.delete(sessionId));
      checks.set(sessionId, check);
    }
    return check;
  };
  return {
    authenticate: async ({ authorization }: Credentials): Promise<Viewer> => {
      if (authorization === null) return anonymous;
      const [scheme, token, ...rest] = authorization.split(' ');
      if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) {
        throw new CodedError('UNAUTHENTICATED', 'The Authorization header is "Bearer <access token>".');
      }
      const { userId, sessionId } = await claimsOf(token);
      const state = await stateOf(sessionId);
      if (state?.userId !== userId) throw ended();
      return userViewer(userId, state.role, sessionId);
    },
    ended: async (authorizations) => {
      const held = await Promise.all(authorizations.map((each) => heldBy(each, claimsOf)));
      const sessionIds = new Set(held.flatMap(({ claims }) => (claims ? [claims.sessionId] : [])));
      const states = await askStates(send, [...sessionIds]);
      const isOver = ({ claims, isEnded }: Held): boolean =>
        isEnded || (claims !== null && states.get(claims.sessionId)?.userId !== claims.userId);
      return held.filter(isOver).map(({ authorization }) => authorization);
    },
    publicFields: PUBLIC_FIELDS,
    // Aliases would try many passwords, or vote many times, in one request.
    sensitiveFields: ['Mutation.login', 'Mutation.register', 'Mutation.refreshSession', 'Mutation.vote'],
    caching,
    routes: {
      '/.well-known/jwks.json': async () => ({
        status: 200,
        headers: { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=300' },
        body: JSON.stringify(await readKeys()),
      }),
    },
  };
};

const ended = (): CodedError =>
  new CodedError('UNAUTHENTICATED', 'That access token is not good any more; refresh it or sign in.');

async function verify(token: string, readKeys: (isStale?: boolean) => Promise<JSONWebKeySet>): Promise<Claims> {
  const check = async (keys: JSONWebKeySet): Promise<Claims> => {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: ['EdDSA'],
      issuer: ISSUER,
      audience: ISSUER,
      typ: 'at+jwt',
      requiredClaims: ['sub', 'sid', 'exp'],
    });
    return { userId: payload.sub ?? '', sessionId: String(payload['sid']), expiresAt: payload.exp ?? 0 };
  };
  try {
    return await check(await readKeys());
  } catch (error) {
    if (error instanceof CodedError) throw error;
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw ended();
  }
  // A key made since we last looked.
  return check(await readKeys(true)).catch(() => {
    throw ended();
  });
}

const away = (): CodedError =>
  new CodedError('RETRY_LATER', 'Sign-in cannot be checked right now; try again in a moment.');

/** The published keys, kept for minutes; a token signed by a key unknown so far asks again, at most every few seconds. */
function createKeyReader(send: HookTools['send']): (isStale?: boolean) => Promise<JSONWebKeySet> {
  let keys: Promise<JSONWebKeySet> | null = null;
  let readAt = 0;
  return (isStale = false) => {
    const age = Date.now() - readAt;
    if (!keys || age > KEYS_MS || (isStale && age > 5000)) {
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

interface Held {
  readonly authorization: string;
  /** Null where the token has ended by itself, or cannot be read just now. */
  readonly claims: Claims | null;
  readonly isEnded: boolean;
}

async function heldBy(authorization: string, claimsOf: (token: string) => Promise<Claims>): Promise<Held> {
  try {
    return { authorization, claims: await claimsOf(authorization.split(' ')[1] ?? ''), isEnded: false };
  } catch (error) {
    return { authorization, claims: null, isEnded: error instanceof CodedError && error.code === 'UNAUTHENTICATED' };
  }
}

/** Sessions asked about in one request: one document, however many there are. */
const SESSIONS_AT_ONCE = 100;
const places = Array.from({ length: SESSIONS_AT_ONCE }, (_, index) => index);
const SESSION_STATES = `query SessionStates(${places.map((index) => `$s${index}: ID!`).join(' ')}) {
  ${places.map((index) => `s${index}: sessionState(id: $s${index}) { userId role }`).join('\n  ')}
}`;

/** The state of each session that is alive, as it is now. */
async function askStates(send: HookTools['send'], sessionIds: readonly string[]): Promise<Map<string, SessionState>> {
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

async function askState(send: HookTools['send'], sessionId: string): Promise<SessionState | null> {
  const query = 'query SessionState($id: ID!) { sessionState(id: $id) { userId role } }';
  const answer = await send('users', { query, variables: { id: sessionId } }).catch(() => null);
  if (!answer || answer.errors) throw away();
  return (answer.data?.['sessionState'] ?? null) as SessionState | null;
}
