import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import type { InputChecks } from 'kit/input';

const MAX_TAGS = 10;

/** Tags are one whatever their case and width: `TypeScript` is `typescript`. */
export const foldTag = (tag: string): string => tag.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, '-');

export function checkTags(check: InputChecks, tags: readonly string[]): string[] {
  const folded = [...new Set(tags.slice(0, 100).map(foldTag))].filter((tag) => tag !== '');
  check.that('tags', folded.length <= MAX_TAGS, `tags are at most ${MAX_TAGS}.`);
  for (const tag of folded.slice(0, MAX_TAGS)) {
    check.that(
      'tags',
      /^[\p{L}\p{N}][\p{L}\p{N}\p{M}.+#_-]{0,39}$/u.test(tag),
      'a tag is up to 40 letters, digits, - _ . + #.',
    );
  }
  return folded;
}

/** Makes a published post found by its tags, and by no others. */
export async function indexTags(tx: Change, post: { id: Id; tags: string[]; listedAt: Date }): Promise<void> {
  await forgetTags(tx, post.id);
  await tx.rows(sql`
    insert into post_tag (tag, post_id, listed_at)
    select tag, ${toUuid(post.id)}, ${post.listedAt} from unnest(${post.tags}::text[]) tag`);
}

export async function forgetTags(tx: Change, postId: Id): Promise<void> {
  await tx.rows(sql`delete from post_tag where post_id = ${toUuid(postId)}`);
}
