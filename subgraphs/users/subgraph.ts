import { defineSubgraph } from 'kit/subgraph';
import { account } from './account/index.ts';
import { apiKey } from './apikey/index.ts';
import { audit } from './audit/index.ts';
import { block } from './block/index.ts';
import { config } from './config.ts';
import { deletion } from './deletion/index.ts';
import { dataExport } from './export/index.ts';
import { follow } from './follow/index.ts';
import { key } from './key/index.ts';
import { login } from './login/index.ts';
import { mail } from './mail/index.ts';
import { mute } from './mute/index.ts';
import { node } from './node/index.ts';
import { preference } from './preference/index.ts';
import { presence } from './presence/index.ts';
import { password } from './password/index.ts';
import { privacy } from './privacy/index.ts';
import { role } from './role/index.ts';
import { session } from './session/index.ts';
import { totp } from './totp/index.ts';
import { user } from './user/index.ts';

export const users = defineSubgraph({
  name: 'users',
  config,
  features: [
    user,
    account,
    mail,
    password,
    session,
    key,
    totp,
    login,
    follow,
    block,
    mute,
    presence,
    preference,
    node,
    audit,
    role,
    apiKey,
    dataExport,
    deletion,
    privacy,
  ],
});
