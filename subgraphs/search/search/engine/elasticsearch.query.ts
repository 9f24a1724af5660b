import type { estypes } from '@elastic/elasticsearch';
import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import { hiddenPeople } from '../../../access/people/people.loaders.ts';
import { can } from '../../../access/permissions.ts';
import type { Term } from '../search.terms.ts';
import { type Asked, POINTS } from './engine.ts';

type Query = estypes.QueryDslQueryContainer;

const worth = (points: number, filter: Query): Query => ({ constant_score: { filter, boost: points } });
const oneOf = (field: string, words: readonly string[]): Query => ({ terms: { [field]: [...words] } });

/** A word as written or by its English stem; a phrase as written. */
function exact({ words }: Pick<Term, 'words'>, field: string): Query {
  if (words.length > 1) return { match_phrase: { [field]: words.join(' ') } };
  const [word = ''] = words;
  if (field === 'tag_words') return { term: { [field]: word } };
  return { bool: { should: [{ term: { [field]: word } }, { match: { [`${field}.english`]: word } }] } };
}

/** The points a document gets for a term, by the best place it has it in. */
function pointsOf(term: Term): Query {
  const inTitle = [...new Set([...term.similar, ...term.similarInTitles])];
  const scale = term.isOptional ? POINTS.optional : 1;
  return {
    dis_max: {
      queries: [
        worth(POINTS.title * scale, exact(term, 'title')),
        worth(POINTS.similarTitle * scale, oneOf('title', inTitle)),
        worth(POINTS.tag * scale, exact(term, 'tag_words')),
        ...(term.isOptional
          ? []
          : [worth(POINTS.body, exact(term, 'body')), worth(POINTS.similarBody, oneOf('body', term.similar))]),
      ],
    },
  };
}

/** The share of the title that was asked for: its words that are, times one by how many it has. */
function wholeTitle(wanted: readonly Term[]): Query {
  const should = wanted.map((term) => {
    const words = [...term.similar, ...term.similarInTitles];
    return worth(term.words.length, { bool: { should: [exact(term, 'title'), oneOf('title', words)] } });
  });
  return {
    function_score: {
      query: { bool: { should } },
      functions: [{ field_value_factor: { field: 'brevity', factor: POINTS.wholeTitle } }],
      boost_mode: 'multiply',
    },
  };
}

const popular: Query = {
  function_score: {
    query: { exists: { field: 'popularity' } },
    functions: [{ field_value_factor: { field: 'popularity', modifier: 'ln1p' }, weight: POINTS.popularity }],
    boost_mode: 'replace',
  },
};

/** The same ranking as PostgreSQL's, in Elasticsearch's words; kinds apart, so that facets may leave them out. */
export function queryOf({ terms, needed, ...asked }: Asked, visible: Query): Query {
  const required = terms.wanted.filter((term) => !term.isOptional).map(pointsOf);
  const optional = terms.wanted.filter((term) => term.isOptional).map(pointsOf);
  const filter: Query[] = [visible];
  if (asked.authorId !== null) filter.push({ term: { author_id: asked.authorId } });
  if (asked.communityId !== null) filter.push({ term: { community_id: asked.communityId } });
  if (asked.tag !== null) filter.push({ term: { tags: asked.tag } });
  if (asked.since !== null) filter.push({ range: { published_at: { gte: asked.since.toISOString() } } });
  if (asked.until !== null) filter.push({ range: { published_at: { lt: asked.until.toISOString() } } });
  return {
    bool: {
      must: [{ bool: { should: required, minimum_should_match: needed } }],
      should: [...optional, wholeTitle(terms.wanted), popular],
      filter,
      must_not: terms.excluded.flatMap((words) =>
        ['title', 'tag_words', 'body'].map((field) => exact({ words }, field)),
      ),
    },
  };
}

/**
 * What the viewer may see: what is public, and what is in their communities; of people there is a block with, only what is
 * in communities the viewer looks after. PostgreSQL is asked again about each hit.
 */
export async function visibleTo(ctx: Context): Promise<Query> {
  if (can(ctx.viewer, 'community.readPrivate')) return { match_all: {} };
  const isPublic: Query = { term: { is_public: true } };
  const { userId } = ctx.viewer;
  if (userId === null) return { bool: { filter: isPublic } };
  const { communities, moderated, people } = await rightsOf(ctx, userId);
  const isOpen: Query[] = [isPublic, { terms: { community_id: communities } }];
  const isTheirs: Query[] = ['author_id', 'post_author_id'].map((field) => ({ terms: { [field]: people } }));
  const isHidden: Query = {
    bool: { should: isTheirs, minimum_should_match: 1, must_not: { terms: { community_id: moderated } } },
  };
  return { bool: { should: isOpen, minimum_should_match: 1, must_not: people.length > 0 ? isHidden : [] } };
}

interface Rights {
  readonly communities: string[];
  readonly moderated: string[];
  /** Whose things are hidden from the viewer. */
  readonly people: string[];
}

async function rightsOf(ctx: Context, userId: Id): Promise<Rights> {
  const rows = await ctx.rows<{ id: string; kind: 'MEMBER' | 'MODERATOR' | 'HIDDEN' }>(sql`
    (select community_id as id, case when role in ('moderator', 'owner') then 'MODERATOR' else 'MEMBER' end as kind
      from community_member where user_id = ${toUuid(userId)} and is_member limit 10000)
    union all (select o.id, 'HIDDEN' from ${hiddenPeople(ctx)} o(id) limit 20000)`);
  const of = (...kinds: string[]): string[] => rows.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id);
  return { communities: of('MEMBER', 'MODERATOR'), moderated: of('MODERATOR'), people: of('HIDDEN') };
}
