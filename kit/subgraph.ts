import { readFileSync } from 'node:fs';
import type { GraphQLSchema } from 'graphql';
import { z } from 'zod';
import type { Feature, LiveField } from './feature.ts';
import type { NamedMigration } from './database.ts';
import type { EventDefinition, Subscriber } from './events.ts';
import { Kit0001 } from './migrations/0001-kit.ts';
import { protect, type Rules } from './rules.ts';
import { buildSchema } from './schema.ts';

export interface EventContract {
  readonly produces: readonly { type: string; version: number; aggregate: string; payload: object }[];
  readonly consumes: readonly { type: string; version: number; payload: object }[];
}

/** A subgraph before it has stores: what it is, from which it can be started, printed, composed and checked. */
export interface SubgraphDefinition {
  readonly name: string;
  readonly features: readonly Feature[];
  /** Settings of its own, by environment variable. */
  readonly config: z.ZodRawShape;
  readonly schema: GraphQLSchema;
  readonly sdl: string;
  readonly rules: Rules;
  readonly live: Readonly<Record<string, LiveField>>;
  readonly events: EventContract;
  readonly migrations: readonly NamedMigration[];
}

/** Puts features together. Throws where a root field has no rule, or two features claim one name. */
export function defineSubgraph(options: {
  name: string;
  features: readonly Feature[];
  config?: z.ZodRawShape;
}): SubgraphDefinition {
  const { name, features } = options;
  const rules = mergeRules(features);
  const { schema, sdl } = buildSchema(features);
  return {
    name,
    features,
    config: options.config ?? {},
    schema: protect(schema, rules),
    sdl,
    rules,
    live: Object.assign({}, ...features.map((feature) => feature.live)) as Record<string, LiveField>,
    events: {
      produces: features.flatMap((one) => one.emits.map(contractOf)),
      consumes: features.flatMap((one) => one.subscribers.map(needOf)),
    },
    migrations: [{ name: '0001-kit', class: Kit0001 }, ...features.flatMap((feature) => feature.migrations)],
  };
}

function mergeRules(features: readonly Feature[]): Rules {
  const merged: Record<string, Record<string, Rules[string][string]>> = {};
  for (const feature of features) {
    for (const [type, fields] of Object.entries(feature.rules)) {
      for (const [field, rule] of Object.entries(fields)) {
        const taken = merged[type]?.[field];
        if (taken && taken !== rule) throw new Error(`two features rule ${type}.${field}`);
        merged[type] = { ...merged[type], [field]: rule };
      }
    }
  }
  return merged;
}

const jsonSchemaOf = (schema: z.ZodType): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return rest;
};
const contractOf = ({ type, version, aggregate, schema }: EventDefinition) => ({
  type,
  version,
  aggregate,
  payload: jsonSchemaOf(schema),
});
const needOf = ({ type, version, schema }: Subscriber) => ({ type, version, payload: jsonSchemaOf(schema) });

/** The text of a `.graphql` file beside the module: `graphqlFile(import.meta.url, 'post.graphql')`. */
export const graphqlFile = (module: string, file: string): string => readFileSync(new URL(file, module), 'utf8');
