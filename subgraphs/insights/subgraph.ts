import { defineSubgraph } from 'kit/subgraph';
import { access } from '../access/index.ts';
import { analytics } from './analytics/index.ts';
import { config } from './config.ts';
import { sentiment } from './sentiment/index.ts';
import { track } from './track/index.ts';

/** access comes first: its handlers say what a post is before ours ask. */
export const insights = defineSubgraph({ name: 'insights', config, features: [access, track, analytics, sentiment] });
