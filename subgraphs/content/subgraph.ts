import { defineSubgraph } from 'kit/subgraph';
import { people } from '../access/people/index.ts';
import { community } from './community/index.ts';
import { config } from './config.ts';
import { post } from './post/index.ts';
import { privacy } from './privacy/index.ts';
import { revision } from './revision/index.ts';

export const content = defineSubgraph({
  name: 'content',
  config,
  features: [people, community, post, revision, privacy],
});
