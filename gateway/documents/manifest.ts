import { getOperationAST, parse } from 'graphql';
import { z } from 'zod';
import { comparableText, sha256 } from './normal-form.ts';

/** A file of operations that clients may run, in the format of Apollo's tools. */
export const MANIFEST_FORMAT = 'apollo-persisted-query-manifest';

export interface ListedOperation {
  readonly id: string;
  readonly name: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly body: string;
}

export interface Safelist {
  /** The text listed under an id, or under the digest of the text itself. */
  readonly bodyOf: (id: string) => string | undefined;
  /** Whether the text asks for the same as a listed one; `name` picks one of its operations. */
  readonly has: (text: string, name: string | null) => boolean;
  readonly size: number;
  /** The texts themselves, of one operation each, in the order of the file. */
  readonly texts: readonly string[];
}

const manifest = z.object({
  format: z.literal(MANIFEST_FORMAT),
  version: z.literal(1),
  operations: z.array(
    z.object({
      id: z.string().min(1),
      name: z.string(),
      type: z.enum(['query', 'mutation', 'subscription']),
      body: z.string().min(1),
    }),
  ),
});

/** Bodies in a manifest are the operator's own, and bounded by the file. */
const ANY_TOKENS = 100_000;

/** Reads a manifest. Throws an error that says what is wrong with it. */
export function readManifest(text: string, maxTokens: number): Safelist {
  const parsed = manifest.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`it is no ${MANIFEST_FORMAT} of version 1: ${z.prettifyError(parsed.error)}`);
  const bodies = new Map<string, string>();
  const comparable = new Set<string>();
  for (const operation of parsed.data.operations) {
    const known = bodies.get(operation.id);
    if (known !== undefined && known !== operation.body) throw new Error(`the id ${operation.id} stands for two texts`);
    comparable.add(comparableBody(operation));
    bodies.set(operation.id, operation.body);
  }
  for (const body of [...bodies.values()]) if (!bodies.has(sha256(body))) bodies.set(sha256(body), body);
  return {
    bodyOf: (id) => bodies.get(id),
    has: (candidate, name) => {
      const form = comparableText(candidate, name, maxTokens);
      return form !== null && comparable.has(form);
    },
    size: parsed.data.operations.length,
    texts: parsed.data.operations.map(({ body }) => body),
  };
}

function comparableBody({ body, name, type }: ListedOperation): string {
  const form = comparableText(body, null, ANY_TOKENS);
  const node = form === null ? null : getOperationAST(parse(form, { noLocation: true }));
  if (form === null || !node) throw new Error(`the body of "${name}" is not one operation`);
  if (node.operation !== type) throw new Error(`"${name}" is said to be a ${type} and is a ${node.operation}`);
  return form;
}
