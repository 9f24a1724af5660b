import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { fromUuid, type Id } from 'kit/ids';
import { isHiddenIn, visibleCommunity, visiblePost } from '../../access/access.loaders.ts';
import { isHidden } from '../../access/people/people.loaders.ts';

export const KINDS = ['POST', 'COMMENT', 'USER', 'COMMUNITY'] as const;
export type Kind = (typeof KINDS)[number];

const TYPES = { POST: 'Post', COMMENT: 'Comment', USER: 'User', COMMUNITY: 'Community' } as const;

/** Where a document's counters and its post's visibility come from: `d` is the document, `a` its post, `p` its counters. */
export const documentSource = sql`document d
  left join post_access a on a.post_id = d.post_id
  left join post_count p on p.post_id = d.id`;

/**
 * Whether the viewer may see a document of `documentSource`. Posts and comments as `access` says of the post, but drafts
 * are found by nobody; people are public. Nothing of somebody between whom and the viewer there is a block.
 */
export const visibleDocument = (ctx: Context): RawBuilder<boolean> => sql`(d.is_visible and case d.kind
  when 'USER' then not ${isHidden(ctx, sql.ref('d.author_id'))}
  when 'COMMUNITY' then ${visibleCommunity(ctx, sql.ref('d.community_id'))}
  when 'COMMENT' then a.status = 'PUBLISHED' and ${visiblePost(ctx)}
    and not ${isHiddenIn(ctx, sql.ref('d.author_id'), sql.ref('a.community_id'))}
  else a.status = 'PUBLISHED' and ${visiblePost(ctx)} end)`;

/** The weight of what people did about a post of `documentSource`; never below 0. */
export const popularity = sql<number>`greatest(0, coalesce(p.score + 2 * p.comments + p.bookmarks, 0))`;

/** The object a document stands for, as its owner will resolve it. */
export function stubOf(kind: Kind, uuid: string): { __typename: string; id: Id } {
  return { __typename: TYPES[kind], id: fromUuid(kind.toLowerCase(), uuid) };
}
