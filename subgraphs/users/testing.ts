import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import type { TestGraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { gatewayViewer, systemViewer, userViewer, type Viewer } from 'kit/viewer';
import { verifyEmail } from './account/verification.actions.ts';
import { issueToken } from './token/token.actions.ts';

export const REGISTER = `mutation Register($input: RegisterInput!) {
  register(input: $input) { userErrors { field code message } }
}`;
export const VERIFY = `mutation Verify($input: VerifyEmailInput!) {
  verifyEmail(input: $input) { user { username } userErrors { field code message } }
}`;
export const LOGIN = `mutation Login($input: LoginInput!) {
  login(input: $input) { accessToken refreshToken expiresInSeconds user { id username } userErrors { field code } }
}`;
export const REFRESH = `mutation Refresh($input: RefreshSessionInput!) {
  refreshSession(input: $input) { accessToken refreshToken userErrors { field code } }
}`;
export const PASSWORD = 'correct horse battery';

export interface Tokens {
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
  readonly user: { readonly id: string; readonly username: string } | null;
  readonly userErrors: readonly { readonly field: readonly string[] | null; readonly code: string }[];
}

let made = 0;

export type TestPerson = Viewer & { readonly userId: string; readonly username: string; readonly email: string };

/** Signs a new person up, who has not confirmed their address yet, and answers them as a viewer. */
export async function anUnverifiedPerson(
  graph: TestGraph,
  username = `person${++made}`,
  email = `${username}@example.org`,
): Promise<TestPerson> {
  const input = { username, email, password: PASSWORD };
  const { register } = await graph.anonymously.data<{ register: { userErrors: unknown[] } }>(REGISTER, { input });
  expect(register.userErrors).toEqual([]);
  const [row] = await graph.rows<{ id: string }>(sql`select id from "user" where username = ${username}`);
  const userId = fromUuid('user', row?.id ?? '');
  return { ...userViewer(userId), userId, username, email };
}

/**
 * Signs a new person up and confirms their address. The token is made here and not waited for (the mail job comes round once a
 * second), and spent in the same transaction, since the job's own token ends it.
 */
export async function aPerson(graph: TestGraph, username?: string, email?: string): Promise<TestPerson> {
  const person = await anUnverifiedPerson(graph, username, email);
  await graph
    .running()
    .contextFor(systemViewer)
    .change(async (tx) => {
      const data = { address: person.email };
      const token = { purpose: 'verify-email', userId: person.userId, lifetimeSeconds: 60, data, keepOthers: true };
      await verifyEmail(tx, { token: await issueToken(tx, token) });
    });
  return person;
}

export interface KeptMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The mails to an address that are in the mailbox of development, oldest first. */
export async function mailsTo(graph: TestGraph, address: string): Promise<KeptMail[]> {
  const { devMailbox } = await graph
    .as(gatewayViewer)
    .data<{ devMailbox: KeptMail[] }>('{ devMailbox(first: 200) { id to subject text html } }');
  return devMailbox.filter(({ to }) => to === address).reverse();
}

/** Waits for a mail about something, and answers it. */
export const mailTo = (graph: TestGraph, address: string, about: string | RegExp): Promise<KeptMail> =>
  until(`a mail to ${address} about ${about}`, async () =>
    (await mailsTo(graph, address)).findLast(({ subject }) => subject.match(about)),
  );

/** The token in a mail's link. */
export const tokenIn = ({ text }: KeptMail): string => /#token=([\w-]+)/.exec(text)?.[1] ?? '';

export async function signIn(graph: TestGraph, identifier: string, password = PASSWORD): Promise<Tokens> {
  const { login } = await graph.anonymously.data<{ login: Tokens }>(LOGIN, { input: { identifier, password } });
  return login;
}
