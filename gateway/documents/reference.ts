import { refusal } from '../errors.ts';

/** How a request names its document, instead of sending it or beside it. */
export interface DocumentReference {
  /** `extensions.persistedQuery.sha256Hash` of automatic persisted queries. */
  readonly hash: string | null;
  /** `documentId` of a document agreed on beforehand. */
  readonly documentId: string | null;
}

const NONE: DocumentReference = { hash: null, documentId: null };
const LONGEST_ID = 256;
const BAD_REQUEST = 400;

/** What a request's extensions say of its document. Throws BAD_REQUEST where that makes no sense. */
export function referenceOf(extensions: Readonly<Record<string, unknown>>): DocumentReference {
  const { persistedQuery, documentId } = extensions;
  if (persistedQuery == null && documentId == null) return NONE;
  return { hash: hashOf(persistedQuery), documentId: idOf(documentId) };
}

function hashOf(persistedQuery: unknown): string | null {
  if (persistedQuery == null) return null;
  if (typeof persistedQuery !== 'object') throw bad('"extensions.persistedQuery" must be an object.');
  const { version, sha256Hash } = persistedQuery as Record<string, unknown>;
  if (version !== 1) throw bad('"extensions.persistedQuery.version" must be 1.');
  if (!isId(sha256Hash)) throw bad('"extensions.persistedQuery.sha256Hash" must be the SHA-256 of the query, in hex.');
  return sha256Hash;
}

function idOf(documentId: unknown): string | null {
  if (documentId == null) return null;
  if (!isId(documentId)) throw bad(`"documentId" must be a text of up to ${LONGEST_ID} characters.`);
  // The form of GraphQL over HTTP's persisted documents; manifests list the digest alone.
  return documentId.startsWith('sha256:') ? documentId.slice('sha256:'.length) : documentId;
}

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_ID;

const bad = (message: string) => refusal('BAD_REQUEST', message, { status: BAD_REQUEST });
