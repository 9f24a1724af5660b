import { defineRights } from 'kit/rights/rights.feature';
import { forgetBlocks } from '../../access/access.erasure.ts';
import { Content0002 } from '../migrations/0002-revision-editors.ts';
import { communitySteps } from './privacy.communities.ts';
import { communityDeleted } from './privacy.events.ts';
import { postSteps } from './privacy.posts.ts';
import { sections } from './privacy.sections.ts';

/** What content knows of a person, and how it goes. Communities after posts: those of the person alone then are empty. */
export const privacy = defineRights(
  { subgraph: 'content', sections, erasure: [...postSteps, ...communitySteps], sweep: [forgetBlocks] },
  { migrations: [{ name: '0002-revision-editors', class: Content0002 }], emits: [communityDeleted] },
);
