import type { Redis } from 'ioredis';
import type { Logger } from 'kit/logger';
import type { Viewer } from 'kit/viewer';
import type { GatewaySettings } from '../config.ts';
import { refusal } from '../errors.ts';
import { documentsAsked } from '../metrics.ts';
import type { GraphqlRequest } from '../answer.ts';
import type { ManifestFile } from './manifest-file.ts';
import { sha256 } from './normal-form.ts';
import { referenceOf, type DocumentReference } from './reference.ts';
import { createRegisteredDocuments } from './registered.ts';
import { createCheck, type ClientKind } from './safelist.ts';

export type KindOf = (viewer: Viewer) => ClientKind;

/** The text a request stands for. */
export interface ResolvedDocument {
  readonly text: string;
  /** The digest under which to keep the text, once it has proved valid; null where there is nothing to keep. */
  readonly hashToKeep: string | null;
}

export interface Documents {
  /** Finds the text and holds it against the safelist. Throws refusals. */
  readonly resolve: (request: GraphqlRequest, viewer: Viewer) => ResolvedDocument | Promise<ResolvedDocument>;
  /** To be called with documents that validate: nobody fills the store with anything else. */
  readonly keep: (document: ResolvedDocument) => void;
  /** Texts that clients are known to ask. */
  readonly listed: () => readonly string[];
  readonly close: () => void;
}

export type DocumentSettings = Pick<
  GatewaySettings,
  | 'APQ'
  | 'APQ_TTL_SECONDS'
  | 'APQ_MAX_DOCUMENTS'
  | 'APQ_MEMORY_BYTES'
  | 'SAFELIST_ANONYMOUS'
  | 'SAFELIST_USER'
  | 'SAFELIST_API_KEY'
>;

export interface DocumentOptions {
  readonly settings: DocumentSettings;
  readonly manifest: ManifestFile | null;
  readonly redis: Redis | null;
  readonly kindOf?: KindOf | undefined;
  readonly log: Logger;
}

/** Credentials narrower than a session are those of an API key. */
const byViewer: KindOf = ({ kind, scopes }) =>
  kind === 'anonymous' ? 'anonymous' : scopes === undefined ? 'user' : 'apiKey';

/** Automatic persisted queries and the safelist. */
export function createDocuments(options: DocumentOptions): Documents {
  const { settings, manifest, kindOf = byViewer, log } = options;
  const modes = modesOf(settings);
  const registry = createRegistry(options);
  const check = createCheck(log);

  const resolve = async (request: GraphqlRequest, { hash, documentId }: DocumentReference, viewer: Viewer) => {
    const { query } = request;
    if (hash !== null && query !== '' && sha256(query) !== hash) throw mismatch();
    const safelist = manifest?.current() ?? null;
    const listed = safelist?.bodyOf(documentId ?? hash ?? '');
    if (listed !== undefined) {
      documentsAsked.inc({ outcome: 'listed' });
      return { text: listed, hashToKeep: null };
    }
    if (query === '' && hash === null) throw unknownId();
    const text = query === '' ? await registry.find(hash ?? '') : query;
    const kind = kindOf(viewer);
    const mode = request.isOwn ? 'off' : modes[kind];
    if (safelist && mode !== 'off') check(safelist, text, request.operationName, { kind, mode });
    return { text, hashToKeep: query !== '' && settings.APQ === 'on' ? hash : null };
  };
  return {
    resolve: (request, viewer) => {
      const reference = referenceOf(request.extensions);
      if (reference.hash !== null || reference.documentId !== null) return resolve(request, reference, viewer);
      if (request.query === '') throw nothing();
      const isFree = manifest === null || modes[kindOf(viewer)] === 'off';
      return isFree ? { text: request.query, hashToKeep: null } : resolve(request, reference, viewer);
    },
    keep: ({ text, hashToKeep }) => {
      if (hashToKeep !== null) void registry.register(hashToKeep, text);
    },
    listed: () => manifest?.current().texts ?? [],
    close: () => manifest?.close(),
  };
}

const modesOf = (settings: DocumentSettings): Readonly<Record<ClientKind, 'off' | 'audit' | 'enforce'>> => ({
  anonymous: settings.SAFELIST_ANONYMOUS,
  user: settings.SAFELIST_USER,
  apiKey: settings.SAFELIST_API_KEY,
});

/** Documents that clients have registered, with the errors their libraries know. */
function createRegistry({ settings, redis, log }: DocumentOptions) {
  const registered = createRegisteredDocuments({
    redis,
    ttlSeconds: settings.APQ_TTL_SECONDS,
    maxDocuments: settings.APQ_MAX_DOCUMENTS,
    memoryBytes: settings.APQ_MEMORY_BYTES,
    log,
  });
  const find = async (hash: string): Promise<string> => {
    if (settings.APQ === 'off') throw notSupported();
    const text = await registered.find(hash);
    documentsAsked.inc({ outcome: text === undefined ? 'not_registered' : 'registered' });
    if (text === undefined) throw notFound();
    return text;
  };
  return { find, register: registered.register };
}

const nothing = () => refusal('BAD_REQUEST', 'There is no "query" to run.', { status: 400 });
const mismatch = () =>
  refusal('PERSISTED_QUERY_HASH_MISMATCH', 'The SHA-256 of "query" is not "extensions.persistedQuery.sha256Hash".', {
    status: 400,
  });
// Clients' libraries know these two by their messages and go on with the whole text: 200 is what they expect.
const notFound = () => refusal('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound', { status: 200 });
const notSupported = () => refusal('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported', { status: 200 });
const unknownId = () =>
  refusal('DOCUMENT_NOT_LISTED', 'No document is listed under this "documentId".', { status: 403 });
