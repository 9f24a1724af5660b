import { defineRights } from 'kit/rights/rights.feature';
import { forgetAuthorship, forgetBlocks, forgetMembership } from '../../access/access.erasure.ts';
import { Insights0003 } from '../migrations/0003-viewers.ts';
import { Insights0005 } from '../migrations/0005-text-authors.ts';
import { forgetKey } from './privacy.audit.ts';
import { sections, viewerSteps } from './privacy.viewers.ts';

/** What insights knows of a person, and how it goes. Texts it has judged go with the events of those who own them. */
export const privacy = defineRights(
  {
    subgraph: 'insights',
    sections,
    erasure: viewerSteps,
    sweep: [forgetMembership, forgetAuthorship, forgetBlocks, forgetKey],
  },
  {
    migrations: [
      { name: '0003-viewers', class: Insights0003 },
      { name: '0005-text-authors', class: Insights0005 },
    ],
  },
);
