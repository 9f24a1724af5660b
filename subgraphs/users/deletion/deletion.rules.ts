import { anyone, defineRule, defineRules, signedInUnverified } from 'kit/rules';
import type { UserRow } from '../user/user.loaders.ts';

const themselves = defineRule<UserRow>('the person', ['owner'], (ctx, user) => ctx.viewer.userId === user.id);

export const rules = defineRules({
  Query: { deletionReceipt: anyone },
  Mutation: { deleteAccount: signedInUnverified, cancelDeletion: anyone },
  User: { deletion: themselves },
});
