import type { Credentials, Variables } from './doors.ts';
import type { Case, Instance, Owner } from './people.ts';
import type { World } from './world.ts';

/** What a root field is asked with in one cell of the matrix. */
export interface Given {
  readonly variables: Variables;
  /** In place of the person's usual session. */
  readonly as?: Credentials;
}

export interface Sample {
  readonly given: (world: World, one: Case) => Given | Promise<Given>;
  /** For which kinds of object it makes a difference; `public` alone where it is about no object. */
  readonly instances: readonly Instance[];
  readonly belongsTo: Owner;
  /** Of a list: the id that is in it for those who may see the object. */
  readonly shows: ((world: World, instance: Instance) => string) | null;
  /** Whether its own subgraph only hands the id on to whoever owns the object: then only the gateway's answer says anything. */
  readonly isRelay: boolean;
}

export const both: readonly Instance[] = ['public', 'private'];
export const all: readonly Instance[] = ['public', 'private', 'draft'];
const one: readonly Instance[] = ['public'];

type Options = Partial<Omit<Sample, 'given'>>;

/** Asked with these variables. */
export const asks = (
  variables: (world: World, one: Case) => Variables | Promise<Variables>,
  options: Options = {},
): Sample => ({
  given: async (world, given) => ({ variables: await variables(world, given) }),
  instances: one,
  belongsTo: 'author',
  shows: null,
  isRelay: false,
  ...options,
});

/** A mutation with this input. */
export const input = (of: (world: World, one: Case) => object | Promise<object>, options: Options = {}): Sample =>
  asks(async (world, given) => ({ input: await of(world, given) }), options);

export const postId = (world: World, { instance }: Case): string => world.posts[instance].id;
export const placeOf = ({ instance }: Case) => (instance === 'public' ? 'public' : 'private');
export const commentId = (world: World, given: Case): string => world.comments[placeOf(given)];
export const thePost = (world: World, instance: Instance): string => world.posts[instance].id;
export const theCommunity = (world: World, instance: Instance): string => world.communityOf(instance).id;
