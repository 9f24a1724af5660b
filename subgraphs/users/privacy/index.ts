import { defineFeature } from 'kit/feature';
import { Rights0001 } from 'kit/rights/rights.migration';
import { Users0006 } from '../migrations/0006-rights.ts';
import { runner } from './privacy.actions.ts';
import { subscribers } from './privacy.subscribers.ts';

/** What users itself knows of people, and what the other subgraphs answer for theirs. */
export const privacy = defineFeature({
  name: 'privacy',
  migrations: [
    { name: 'rights-0001', class: Rights0001 },
    { name: '0006-rights', class: Users0006 },
  ],
  subscribers,
  jobs: [runner.job],
  prepare: runner.resume,
});
