import type { TestGraph } from 'kit/testing/subgraph';
import type { Viewer } from 'kit/viewer';

const KEY = 'apiKey { id name scopes createdAt rotatedAt expiresAt previousUntil revokedAt lastUsedAt usesCount }';
export const CREATE_KEY = `mutation CreateKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { secret ${KEY} userErrors { field code message } }
}`;
export const ROTATE_KEY = `mutation RotateKey($input: RotateApiKeyInput!) {
  rotateApiKey(input: $input) { secret ${KEY} userErrors { field code } }
}`;
export const REVOKE_KEY = `mutation RevokeKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) { ${KEY} userErrors { field code } }
}`;

export interface KeyPayload {
  readonly secret?: string | null;
  readonly apiKey: {
    readonly id: string;
    readonly scopes: readonly string[];
    readonly revokedAt: string | null;
    readonly previousUntil: string | null;
    readonly lastUsedAt: string | null;
    readonly usesCount: number;
  } | null;
  readonly userErrors: readonly { readonly field: readonly string[] | null; readonly code: string }[];
}

/** Runs a mutation of keys and answers its payload. */
export async function changeKey(
  graph: TestGraph,
  viewer: Viewer,
  mutation: string,
  input: object,
): Promise<KeyPayload> {
  const data = await graph.as(viewer).data<Record<string, KeyPayload>>(mutation, { input });
  return Object.values(data)[0] as KeyPayload;
}

/** A key that was just made: its id and what goes into the header. */
export async function aKey(
  graph: TestGraph,
  viewer: Viewer,
  ...scopes: string[]
): Promise<{ readonly id: string; readonly secret: string }> {
  const { apiKey, secret, userErrors } = await changeKey(graph, viewer, CREATE_KEY, { name: 'a key', scopes });
  expect(userErrors).toEqual([]);
  return { id: apiKey?.id ?? '', secret: secret ?? '' };
}
