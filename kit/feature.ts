import type { EntitySchema } from '@mikro-orm/core';
import type { GraphQLFieldResolver } from 'graphql';
import type { Context } from './context.ts';
import type { NamedMigration } from './database.ts';
import { asUserErrors, type UserError } from './errors.ts';
import type { EventDefinition, Subscriber } from './events.ts';
import type { Job } from './jobs.ts';
import type { Rules } from './rules.ts';

export type Resolver = GraphQLFieldResolver<never, Context, never>;

/** How a live field works without a socket between gateway and subgraph. */
export interface LiveField {
  /** Checks that the viewer may follow what the arguments name and answers the topic. Throws NOT_FOUND and the like. */
  readonly topic: (ctx: Context, args: never) => Promise<string>;
  /** The field's value for one event, as this viewer may see it now; null is not delivered. */
  readonly load: (ctx: Context, event: never, args: never) => Promise<unknown>;
}

export const live = <Args, Event>(field: {
  topic: (ctx: Context, args: Args) => Promise<string>;
  load: (ctx: Context, event: Event, args: Args) => Promise<unknown>;
}): LiveField => field;

export type Dependencies = Readonly<Record<string, () => Promise<unknown>>>;

/** Everything one noun adds to a subgraph. */
export interface Feature {
  readonly name: string;
  /** SDL of the feature, from its `.graphql` file. */
  readonly typeDefs: string;
  readonly entities: readonly EntitySchema[];
  readonly migrations: readonly NamedMigration[];
  readonly resolvers: Readonly<Record<string, Readonly<Record<string, Resolver | object>>>>;
  readonly live: Readonly<Record<string, LiveField>>;
  readonly rules: Rules;
  readonly emits: readonly EventDefinition[];
  readonly subscribers: readonly Subscriber[];
  readonly jobs: readonly Job<never>[];
  /** Runs once after migrations, on every start: make what must exist. Idempotent. */
  readonly prepare: ((ctx: Context) => Promise<void>) | null;
  /** What it needs besides the subgraph's own stores, by name, for health: each resolves while its dependency answers. */
  readonly dependencies: (ctx: Context) => Dependencies;
}

export function defineFeature(feature: {
  name: string;
  typeDefs?: string;
  entities?: readonly EntitySchema[];
  migrations?: readonly NamedMigration[];
  resolvers?: object;
  live?: Readonly<Record<string, LiveField>>;
  rules?: Rules;
  emits?: readonly object[];
  subscribers?: readonly Subscriber[];
  jobs?: readonly object[];
  prepare?: (ctx: Context) => Promise<void>;
  dependencies?: (ctx: Context) => Dependencies;
}): Feature {
  return {
    name: feature.name,
    typeDefs: feature.typeDefs ?? '',
    entities: feature.entities ?? [],
    migrations: feature.migrations ?? [],
    resolvers: (feature.resolvers ?? {}) as Feature['resolvers'],
    live: feature.live ?? {},
    rules: feature.rules ?? {},
    emits: (feature.emits ?? []) as readonly EventDefinition[],
    subscribers: feature.subscribers ?? [],
    jobs: (feature.jobs ?? []) as readonly Job<never>[],
    prepare: feature.prepare ?? null,
    dependencies: feature.dependencies ?? (() => ({})),
  };
}

/**
 * Wires an action to a mutation: `input` in, a payload with the changed object under `key` and `userErrors` out.
 * Outcomes a person can mend become user errors, everything else stays a failure.
 */
export function payload<Input, Result>(
  action: (ctx: Context, input: Input) => Promise<Result>,
  key: string | null = null,
) {
  return async (
    _parent: unknown,
    { input }: { input: Input },
    ctx: Context,
  ): Promise<Record<string, unknown> & { userErrors: readonly UserError[] }> => {
    try {
      const result = await action(ctx, input);
      return { ...(key === null ? (result as object | undefined) : { [key]: result }), userErrors: [] };
    } catch (error) {
      const userErrors = asUserErrors(error);
      if (!userErrors) throw error;
      return { ...(key === null ? {} : { [key]: null }), userErrors };
    }
  };
}
