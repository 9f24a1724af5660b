import { defineRights } from 'kit/rights/rights.feature';
import { forgetAuthorship, forgetBlocks, forgetMembership } from '../../access/access.erasure.ts';
import { commentSteps } from './privacy.comments.ts';
import { sections } from './privacy.sections.ts';
import { voteSteps } from './privacy.votes.ts';

/** What engagement knows of a person, and how it goes. Votes go before comments, whose own counters go with them. */
export const privacy = defineRights({
  subgraph: 'engagement',
  sections,
  erasure: [...voteSteps, ...commentSteps],
  sweep: [forgetMembership, forgetAuthorship, forgetBlocks],
});
