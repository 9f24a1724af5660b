import { defineSubgraph } from 'kit/subgraph';
import { access } from '../access/index.ts';
import { people } from '../access/people/index.ts';
import { analytics } from './analytics/index.ts';
import { audit } from './audit/index.ts';
import { config } from './config.ts';
import { privacy } from './privacy/index.ts';
import { sentiment } from './sentiment/index.ts';
import { track } from './track/index.ts';

/** access comes first: its handlers say what a post is before ours ask. */
export const insights = defineSubgraph({
  name: 'insights',
  config,
  features: [access, people, track, analytics, sentiment, audit, privacy],
});
