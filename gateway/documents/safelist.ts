import { LRUCache } from 'lru-cache';
import type { Logger } from 'kit/logger';
import { refusal } from '../errors.ts';
import { documentsAsked } from '../metrics.ts';
import type { Safelist } from './manifest.ts';
import { sha256 } from './normal-form.ts';

/** What a safelist tells clients apart by. */
export type ClientKind = 'anonymous' | 'user' | 'apiKey';

export interface CheckedClient {
  readonly kind: ClientKind;
  readonly mode: 'audit' | 'enforce';
}

type Check = (safelist: Safelist, text: string, operationName: string | null, client: CheckedClient) => void;

/** Verdicts that are remembered, so that a text is parsed for this once and told of once. */
const REMEMBERED = 5000;

/** Holds texts against a safelist. Throws DOCUMENT_NOT_LISTED where the client's mode is to enforce it. */
export function createCheck(log: Logger): Check {
  const bySafelist = new WeakMap<Safelist, LRUCache<string, boolean>>();
  return (safelist, text, operationName, { kind, mode }) => {
    let verdicts = bySafelist.get(safelist);
    if (!verdicts) bySafelist.set(safelist, (verdicts = new LRUCache({ max: REMEMBERED })));
    const key = sha256(`${operationName ?? ''}\0${text}`);
    const known = verdicts.get(key);
    const isListed = known ?? safelist.has(text, operationName);
    if (known === undefined) verdicts.set(key, isListed);
    documentsAsked.inc({ outcome: isListed ? 'listed' : mode === 'enforce' ? 'refused' : 'audited' });
    if (isListed) return;
    if (known === undefined) log.warn({ kind, mode, operationName, hash: sha256(text) }, 'a document is not listed');
    if (mode === 'enforce') throw notListed();
  };
}

const notListed = () =>
  refusal('DOCUMENT_NOT_LISTED', 'This document is not listed: only operations of known clients run here.', {
    status: 403,
  });
