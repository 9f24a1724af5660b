import type { Change } from 'kit/context';
import { type Id, newId } from 'kit/ids';
import type { Viewer } from 'kit/viewer';
import { actRecorded } from './audit.events.ts';

export interface Act {
  /** `noun.verb`: `user.suspend`, `apiKey.create`. */
  readonly action: string;
  /** Whom or what it was done to. */
  readonly subjectId?: Id | null;
  /** In the words of whoever did it. Never a secret. */
  readonly reason?: string;
  /** Where it is not the viewer: somebody who is just signing in, or proves themselves by a token. */
  readonly actorId?: Id | null;
}

const REASON_LENGTH = 1000;

/** Puts down who does what to whom, from where and why: with the caller's transaction, or not at all. */
export function recordAct(tx: Change, { action, subjectId = null, reason = '', actorId }: Act): void {
  const { viewer, client } = tx;
  tx.emit(actRecorded, {
    actId: newId('act'),
    action,
    actorId: actorId === undefined ? viewer.userId : actorId,
    subjectId,
    reason: reason.slice(0, REASON_LENGTH).toWellFormed(),
    via: viaOf(viewer),
    address: viewer.kind === 'system' ? '' : client.address,
    userAgent: viewer.kind === 'system' ? '' : client.userAgent.slice(0, 300),
  });
}

function viaOf({ kind, keyId, sessionId }: Viewer): string {
  if (kind !== 'user') return kind;
  if (keyId !== undefined) return `apiKey:${keyId}`;
  return sessionId === null ? 'user' : 'session';
}
