import { defineSubgraph } from 'kit/subgraph';
import { access } from '../access/index.ts';
import { people } from '../access/people/index.ts';
import { bookmark } from './bookmark/index.ts';
import { comment } from './comment/index.ts';
import { config } from './config.ts';
import { count } from './count/index.ts';
import { privacy } from './privacy/index.ts';
import { vote } from './vote/index.ts';

export const engagement = defineSubgraph({
  name: 'engagement',
  config,
  features: [access, people, count, comment, vote, bookmark, privacy],
});
