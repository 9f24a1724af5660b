import type { TestGraph } from 'kit/testing/subgraph';
import { userViewer, type Viewer } from 'kit/viewer';

export const REGISTER = `mutation Register($input: RegisterInput!) {
  register(input: $input) { userErrors { field code message } }
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

/** Signs a new person up and answers them as a viewer. */
export async function aPerson(
  graph: TestGraph,
  username = `person${++made}`,
): Promise<Viewer & { userId: string; username: string }> {
  const input = { username, email: `${username}@example.org`, password: PASSWORD };
  const { register } = await graph.anonymously.data<{ register: { userErrors: unknown[] } }>(REGISTER, { input });
  expect(register.userErrors).toEqual([]);
  const { user } = await graph.anonymously.data<{ user: { id: string } }>(
    `query ($username: String) { user(username: $username) { id } }`,
    {
      username,
    },
  );
  return { ...userViewer(user.id), userId: user.id, username };
}

export async function signIn(graph: TestGraph, identifier: string, password = PASSWORD): Promise<Tokens> {
  const { login } = await graph.anonymously.data<{ login: Tokens }>(LOGIN, { input: { identifier, password } });
  return login;
}
