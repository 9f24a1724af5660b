import type { Context } from 'kit/context';
import { badInput } from 'kit/errors';
import { payload } from 'kit/feature';
import { checkId } from 'kit/ids';
import type { PageArguments } from 'kit/page';
import { updateProfile } from './user.actions.ts';
import { userById, userByUsername } from './user.loaders.ts';
import { usersByAge } from './user.queries.ts';

interface Reference {
  readonly id: string;
}

export const resolvers = {
  Query: {
    viewer: (_: unknown, _args: unknown, ctx: Context) => (ctx.viewer.userId ? userById(ctx, ctx.viewer.userId) : null),
    user: (_: unknown, { id, username }: { id?: string | null; username?: string | null }, ctx: Context) => {
      if ((id == null) === (username == null)) badInput('id', 'Give exactly one of id and username.');
      return id == null ? userByUsername(ctx, username ?? '') : userById(ctx, checkId('user', id));
    },
    users: (_: unknown, page: PageArguments, ctx: Context) => usersByAge(ctx, page),
  },
  Mutation: { updateProfile: payload(updateProfile, 'user') },
  User: {
    __resolveReference: ({ id }: Reference, ctx: Context) => userById(ctx, checkId('user', id)),
  },
};
