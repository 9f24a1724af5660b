import { defineSubgraph } from 'kit/subgraph';
import { account } from './account/index.ts';
import { config } from './config.ts';
import { follow } from './follow/index.ts';
import { mail } from './mail/index.ts';
import { node } from './node/index.ts';
import { session } from './session/index.ts';
import { user } from './user/index.ts';

export const users = defineSubgraph({ name: 'users', config, features: [user, account, mail, session, follow, node] });
