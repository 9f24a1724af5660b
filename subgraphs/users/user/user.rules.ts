import type { Context } from 'kit/context';
import { anyone, defineRules, signedInUnverified } from 'kit/rules';
import { permitted } from '../../access/permissions.ts';
import type { UserRow } from './user.loaders.ts';

const selfAndAdmins = permitted('user.readAddress', (_: Context, user: UserRow) => ({ ownerId: user.id }));

export const rules = defineRules({
  Query: { viewer: anyone, user: anyone, users: anyone },
  Mutation: { updateProfile: signedInUnverified },
  User: { email: selfAndAdmins, isEmailVerified: selfAndAdmins },
});
