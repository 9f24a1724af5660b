import { type Envelope, id, on } from 'kit/events';
import { toUuid } from 'kit/ids';
import { defineJob } from 'kit/jobs';
import { defineRights } from 'kit/rights/rights.feature';
import { forgetAuthorship, forgetBlocks, forgetMembership } from '../../access/access.erasure.ts';
import { type Document, saveDocument } from '../document/document.actions.ts';
import { Search0002 } from '../migrations/0002-forgotten-words.ts';
import { Search0005 } from '../migrations/0005-document-authors.ts';
import { sections } from './privacy.sections.ts';
import { forgetWords, searchSteps, sendChanges } from './privacy.steps.ts';

const gone = (kind: Document['kind'], uuid: string, envelope: Envelope): Document => ({
  id: uuid,
  kind,
  title: '',
  body: '',
  tags: [],
  authorId: null,
  communityId: kind === 'COMMUNITY' ? uuid : null,
  postId: null,
  isPrivate: kind === 'COMMUNITY' ? true : null,
  publishedAt: envelope.occurredAt,
  isVisible: false,
  version: envelope.aggregateVersion,
});

/** A person who wants to go is found no more; should they change their mind, `user.saved` brings them back. */
const userGone = ['user.hidden', 'user.deleted'].map((type) =>
  on(type, 1, { userId: id }, (ctx, { userId }, envelope) => saveDocument(ctx, gone('USER', toUuid(userId), envelope))),
);
const communityDeleted = on('community.deleted', 1, { communityId: id }, (ctx, { communityId }, envelope) =>
  saveDocument(ctx, gone('COMMUNITY', toUuid(communityId), envelope)),
);

/** Words of what was changed or deleted meanwhile, without anybody leaving. */
const forgetUnused = defineJob(
  'words.forget',
  async (ctx) => {
    while ((await ctx.change(forgetWords)) > 0);
  },
  { cron: '53 3 * * *' },
);

/** Search owns nothing of a person: its documents go with the events of those who do. */
export const privacy = defineRights(
  {
    subgraph: 'search',
    sections,
    erasure: [],
    sweep: [forgetMembership, forgetAuthorship, forgetBlocks, sendChanges, ...searchSteps],
  },
  {
    migrations: [
      { name: '0002-forgotten-words', class: Search0002 },
      { name: '0005-document-authors', class: Search0005 },
    ],
    subscribers: [...userGone, communityDeleted],
    jobs: [forgetUnused],
  },
);
