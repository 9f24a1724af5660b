import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';

/** Keeps a post as it is, before a change. */
export async function keepRevision(
  tx: Change,
  post: { id: Id; authorId: Id; version: number; title: string; markdown: string; tags: string[] },
  reason: string,
): Promise<void> {
  await tx.rows(sql`
    insert into post_revision (post_id, number, title, markdown, tags, editor_id, reason, saved_at)
    values (${toUuid(post.id)}, ${post.version}, ${post.title}, ${post.markdown}, ${post.tags}::text[],
            ${toUuid(tx.viewer.userId ?? post.authorId)}, ${reason}, now())`);
}

export async function forgetRevisions(tx: Change, postId: Id): Promise<void> {
  await tx.rows(sql`delete from post_revision where post_id = ${toUuid(postId)}`);
}
