import { createHash } from 'node:crypto';
import type { AnswerCaching } from './answers.ts';

export interface CachedReply {
  readonly headers: Readonly<Record<string, string>>;
  /** The client has said that it holds this very answer: 304, without a body. */
  readonly isUnchanged: boolean;
}

/**
 * What a GET's answer says of itself (RFC 9111). A private one may be held, but is asked for each time, by its tag: nobody
 * else could tell a browser of what its viewer has just written or may no longer see.
 */
export function cachedReply(caching: AnswerCaching, ifNoneMatch: string | undefined): CachedReply {
  const { scope, maxAgeSeconds, ageSeconds, body, kept } = caching;
  const etag = (kept.etag ??= `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`);
  const isPublic = scope === 'PUBLIC';
  return {
    isUnchanged: isListed(etag, ifNoneMatch),
    headers: {
      'cache-control': isPublic ? `public, max-age=${maxAgeSeconds}` : 'private, no-cache',
      vary: isPublic ? 'accept, accept-encoding' : 'accept, accept-encoding, authorization',
      age: String(ageSeconds),
      etag,
    },
  };
}

/** The weak comparison of RFC 9110, 13.1.2. */
function isListed(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag));
}
