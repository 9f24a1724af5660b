import { Secret, TOTP } from 'otpauth';
import type { SubgraphResponse } from 'kit/request';
import type { TestGraph } from 'kit/testing/subgraph';
import { anonymous, type Client, type Viewer } from 'kit/viewer';
import { aPerson, PASSWORD, type TestPerson } from '../testing.ts';

export interface Answered {
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
  readonly user: { readonly id: string } | null;
  readonly challenge: { readonly token: string; readonly kinds: readonly string[] } | null;
  readonly userErrors: readonly { readonly field: readonly string[] | null; readonly code: string }[];
}

const ANSWER = '{ accessToken refreshToken user { id } challenge { token kinds } userErrors { field code } }';
const SIGN_IN = `mutation ($input: LoginInput!) { login(input: $input) ${ANSWER} }`;
export const COMPLETE = `mutation ($input: CompleteLoginInput!) { completeLogin(input: $input) ${ANSWER} }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) ${ANSWER} }`;

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
/** Where people of these tests usually are. */
export const HOME: Client = { address: '192.0.2.10', userAgent: FIREFOX };
export const elsewhere = (n: number, userAgent = FIREFOX): Client => ({ address: `198.51.${n}.7`, userAgent });

/** Asks as the gateway would for a request from there. */
export function ask(
  graph: TestGraph,
  client: Client,
  query: string,
  variables: Record<string, unknown>,
  viewer: Viewer = anonymous,
): Promise<SubgraphResponse> {
  const hop = { viewer, requestId: crypto.randomUUID(), client, after: [] };
  return graph.running().execute({ query, variables }, hop);
}

async function answerOf(asked: Promise<SubgraphResponse>, field: string): Promise<Answered> {
  const { data, errors } = await asked;
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.[field] as Answered;
}

export const logIn = (graph: TestGraph, identifier: string, client = HOME, password = PASSWORD): Promise<Answered> =>
  answerOf(ask(graph, client, SIGN_IN, { input: { identifier, password } }), 'login');
export const tryLogIn = (graph: TestGraph, client: Client, input: object): Promise<SubgraphResponse> =>
  ask(graph, client, SIGN_IN, { input });
export const complete = (
  graph: TestGraph,
  challenge: string | undefined,
  kind: string,
  code: string,
  client = HOME,
): Promise<Answered> => answerOf(ask(graph, client, COMPLETE, { input: { challenge, kind, code } }), 'completeLogin');
export const refresh = (graph: TestGraph, refreshToken: string | null, client = HOME): Promise<Answered> =>
  answerOf(ask(graph, client, REFRESH, { input: { refreshToken } }), 'refreshSession');

export const codesOf = ({ userErrors }: Pick<Answered, 'userErrors'>): string[] => userErrors.map(({ code }) => code);
export const sessionOf = ({ refreshToken }: Answered): string => String(refreshToken?.split('.')[0]);

const START = `mutation ($input: StartTotpSetupInput!) { startTotpSetup(input: $input) { secret uri userErrors { code } } }`;
const CONFIRM = `mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes userErrors { field code } } }`;

export interface Protected extends TestPerson {
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** The code of the step that is `steps` from now. */
export function codeOf(secret: string, steps = 0): string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  return totp.generate({ timestamp: Date.now() + steps * 30_000 });
}

/** Begins a second factor, and answers its secret. */
export async function beginTotp(graph: TestGraph, person: Viewer): Promise<{ secret: string; uri: string }> {
  const input = { password: PASSWORD };
  const { startTotpSetup } = await graph
    .as(person)
    .data<{ startTotpSetup: { secret: string; uri: string } }>(START, { input });
  return startTotpSetup;
}

export async function confirm(graph: TestGraph, person: Viewer, code: string) {
  const { confirmTotp } = await graph
    .as(person)
    .data<{ confirmTotp: { recoveryCodes: string[] | null; userErrors: { code: string }[] } }>(CONFIRM, {
      input: { code },
    });
  return confirmTotp;
}

/** A person whose second factor is on. The step of now is used up: the next code is `codeOf(secret, 1)`. */
export async function aProtectedPerson(graph: TestGraph): Promise<Protected> {
  const person = await aPerson(graph);
  const { secret } = await beginTotp(graph, person);
  const { recoveryCodes } = await confirm(graph, person, codeOf(secret));
  return { ...person, secret, recoveryCodes: recoveryCodes ?? [] };
}
