import type { SubgraphRequest } from 'kit/request';
import type { RunningSubgraph } from 'kit/running';
import { anonymous, userViewer, type Viewer } from 'kit/viewer';
import type { Person } from './people.ts';

/** Somebody signed in, as the gateway knows them by their token and as a subgraph is told. */
export interface Credentials {
  readonly token: string | null;
  readonly viewer: Viewer;
}

export const nobody: Credentials = { token: null, viewer: anonymous };

export interface Failure {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly Failure[];
}

/** All that has left by any door, for the search for canaries. */
export interface Uttered {
  readonly person: Person;
  readonly what: string;
  readonly text: string;
}

export type Variables = Readonly<Record<string, unknown>>;

/** Whose question it is; `as` takes the place of their usual session. */
export interface Asker {
  readonly person: Person;
  readonly as?: Credentials;
}

export interface Doors {
  /** Through the gateway, with the person's token. */
  readonly gateway: (asker: Asker, query: string, variables?: Variables) => Promise<Answer>;
  /** Past the gateway and its plan, at one subgraph, with the viewer the gateway would have sent. */
  readonly subgraph: (
    name: string,
    asker: Asker,
    query: string,
    variables?: Variables,
    live?: SubgraphRequest['live'],
  ) => Promise<Answer & { topic?: string }>;
  readonly uttered: Uttered[];
}

const isLate = ({ extensions }: Failure): boolean =>
  ['RETRY_LATER', 'SUBGRAPH_UNAVAILABLE'].includes(String(extensions?.['code']));

const payloadsOf = ({ data }: Answer): { userErrors?: readonly unknown[] }[] =>
  Object.values(data ?? {}).filter((value) => value !== null) as { userErrors?: readonly unknown[] }[];
const isMade = (answer: Answer): boolean => payloadsOf(answer).some(({ userErrors }) => userErrors?.length === 0);
const isWrong = (answer: Answer): boolean => payloadsOf(answer).some(({ userErrors = [] }) => userErrors.length > 0);

/**
 * A machine that is busy with other tests may answer late; that is no answer about rights. Where a change was made and only
 * what is read after it came late, the second try may be told that it was made already: then the first is the answer.
 */
async function untilReady<Given extends Answer>(ask: () => Promise<Given>): Promise<Given> {
  let made: Given | null = null;
  for (let attempt = 1; ; attempt++) {
    const answer = await ask();
    if (made && isWrong(answer)) return { ...made, errors: made.errors.filter((error) => !isLate(error)) };
    if (!answer.errors[0] || !isLate(answer.errors[0]) || attempt === 30) return answer;
    if (isMade(answer)) made = answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export function openDoors(
  url: string,
  running: readonly RunningSubgraph[],
  credentials: ReadonlyMap<Person, Credentials>,
): Doors {
  const uttered: Uttered[] = [];
  const credentialsOf = ({ person, as }: Asker): Credentials => as ?? credentials.get(person) ?? nobody;
  const note = (person: Person, what: string, text: string): void => void uttered.push({ person, what, text });
  return {
    uttered,
    gateway: (asker, query, variables = {}) =>
      untilReady(async () => {
        const { token } = credentialsOf(asker);
        const text = await post(url, token, { query, variables });
        note(asker.person, `gateway: ${query}`, text);
        const { data = null, errors = [] } = JSON.parse(text) as Partial<Answer>;
        return { data, errors };
      }),
    subgraph: (name, asker, query, variables = {}, live) =>
      untilReady(async () => {
        const subgraph = running.find((one) => one.name === name);
        if (!subgraph) throw new Error(`no subgraph ${name} is running`);
        const client = { address: '127.0.0.1', userAgent: 'access' };
        const hop = { viewer: credentialsOf(asker).viewer, requestId: crypto.randomUUID(), client, after: [] };
        const { data, errors, extensions } = await subgraph.execute(
          { query, variables, ...(live ? { live } : {}) },
          hop,
        );
        // As it would go over the wire: dates are texts, and what is undefined is not there.
        const text = JSON.stringify({ data: data ?? null, errors: errors ?? [] });
        note(asker.person, `${name}: ${query}`, text);
        return { ...(JSON.parse(text) as Answer), ...(extensions?.topic ? { topic: extensions.topic } : {}) };
      }),
  };
}

async function post(
  url: string,
  token: string | null,
  body: object,
  headers: Record<string, string> = {},
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    body: JSON.stringify(body),
  });
  return response.text();
}

interface SignedIn {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly user: { readonly id: string };
}

/** A session just begun. */
export interface Session extends Credentials {
  readonly userId: string;
  readonly refreshToken: string;
}

/** A session of its own, as a browser would begin it. */
export async function signIn(url: string, identifier: string, password: string, userAgent: string): Promise<Session> {
  const query =
    'mutation SignIn($input: LoginInput!) { login(input: $input) { accessToken refreshToken user { id } userErrors { code } } }';
  const text = await post(
    url,
    null,
    { query, variables: { input: { identifier, password } } },
    { 'user-agent': userAgent },
  );
  const { data } = JSON.parse(text) as { data: { login: SignedIn | null } | null };
  if (!data?.login?.accessToken) throw new Error(`${identifier} cannot sign in: ${text}`);
  const { accessToken, refreshToken, user } = data.login;
  const { sid } = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
  const role = identifier === ADMINISTRATOR ? 'admin' : 'user';
  return { token: accessToken, viewer: userViewer(user.id, role, sid), userId: user.id, refreshToken };
}

/** The name of the first administrator, as `users` makes them on its first start. */
export const ADMINISTRATOR = 'admin';
