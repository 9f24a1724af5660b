import { anyone, defineRule, defineRules, signedIn } from 'kit/rules';
import type { UserRow } from './user.loaders.ts';

const selfAndAdmins = defineRule<UserRow>(
  'the person and administrators',
  ['owner', 'admin'],
  (ctx, user) => ctx.viewer.userId === user.id || ctx.viewer.role === 'admin',
);

export const rules = defineRules({
  Query: { viewer: anyone, user: anyone, users: anyone },
  Mutation: { updateProfile: signedIn },
  User: { email: selfAndAdmins, isEmailVerified: selfAndAdmins },
});
