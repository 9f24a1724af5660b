import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { HookTools } from 'gateway/hooks';
import { CodedError } from 'kit/errors';
import { userViewer, type Viewer } from 'kit/viewer';
import { LRUCache } from 'lru-cache';
import { createUseCounter } from './apikey-uses.ts';
import { createCredentialStates } from './credential-states.ts';
import type { CredentialKind } from './credentials.ts';

/** What users says of a key that is good. */
interface ApiKeyState {
  readonly id: string;
  readonly userId: string;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly isUnverified: boolean;
}

const FIELD = {
  name: 'apiKeyState',
  argument: 'hash',
  type: 'String!',
  selection: 'id userId role scopes isUnverified',
};

/** As users makes them: id, secret, and the CRC-32 of what is before it. */
const FORM = /^(bsk_[0-9a-z]{26}_[0-9A-Za-z]{43})_([0-9a-f]{8})$/;

const notGood = (): CodedError => new CodedError('UNAUTHENTICATED', 'That API key is not good, or not any more.');

/** A typing error is found here; only the hash of a key leaves this process. */
function hashOf(key: string): string | null {
  const [, body = '', checksum = ''] = FORM.exec(key) ?? [];
  if (body === '' || crc32(body) !== Number.parseInt(checksum, 16)) return null;
  return createHash('sha256').update(key).digest('base64url');
}

/** Keys by which programs act for people: narrower than a session, and never for more than their owner may do. */
export function apiKeyCredentials(tools: Pick<HookTools, 'send' | 'logger'>): CredentialKind {
  const { stateOf, statesOf } = createCredentialStates<ApiKeyState>(tools.send, FIELD);
  const { count, stop } = createUseCounter(tools);
  const hashes = new LRUCache<string, { readonly hash: string | null }>({ max: 10_000 });
  const knownHash = (key: string): string | null => {
    let known = hashes.get(key);
    if (!known) hashes.set(key, (known = { hash: hashOf(key) }));
    return known.hash;
  };
  return {
    isMine: (token) => token.startsWith('bsk_'),
    viewerOf: async (token): Promise<Viewer> => {
      const hash = knownHash(token);
      const state = hash === null ? null : await stateOf(hash);
      if (!state) throw notGood();
      count(state.id);
      const { id: keyId, userId, role, scopes, isUnverified } = state;
      return { ...userViewer(userId, role), scopes, keyId, ...(isUnverified ? { isUnverified } : {}) };
    },
    ended: async (tokens) => {
      const held = tokens.map((token) => ({ token, hash: knownHash(token) }));
      const states = await statesOf(held.flatMap(({ hash }) => hash ?? []));
      return held.filter(({ hash }) => hash === null || !states.has(hash)).map(({ token }) => token);
    },
    stop,
  };
}

/** A session is good for everything that its person may do, and so is having none; a key for what it was made for. */
export const scopesOf = ({ scopes }: Viewer): readonly string[] | 'all' => scopes ?? 'all';
