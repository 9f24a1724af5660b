import { defineSubgraph } from 'kit/subgraph';
import { access } from '../access/index.ts';
import { people } from '../access/people/index.ts';
import { config } from './config.ts';
import { document } from './document/index.ts';
import { feed } from './feed/index.ts';
import { privacy } from './privacy/index.ts';
import { related } from './related/index.ts';
import { search as searching } from './search/index.ts';
import { suggest } from './suggest/index.ts';
import { trend } from './trend/index.ts';

// `access` first: it hears of an event before those who read what it keeps.
export const search = defineSubgraph({
  name: 'search',
  config,
  features: [access, people, document, searching, suggest, related, trend, feed, privacy],
});
