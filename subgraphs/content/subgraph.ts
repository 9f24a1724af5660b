import { defineSubgraph } from 'kit/subgraph';
import { community } from './community/index.ts';
import { config } from './config.ts';
import { post } from './post/index.ts';
import { revision } from './revision/index.ts';

export const content = defineSubgraph({ name: 'content', config, features: [community, post, revision] });
