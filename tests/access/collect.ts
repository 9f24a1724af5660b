import { type GraphQLSchema, parse } from 'graphql';
import type { SubgraphDefinition } from 'kit/subgraph';
import { subgraphs } from 'subgraphs/start';
import { type Answers, apiSchema, cell, entitySource, gatewaySource, subgraphSource } from './answers.ts';
import { followAll } from './live.ts';
import { type Case, type Instance, type Owner, personOf, roles } from './people.ts';
import { places } from './places.ts';
import { type Sample, samples } from './samples.ts';
import { entitiesIn, operationOf, rootType, selectionOf } from './selection.ts';
import type { World } from './world.ts';

const ownerOf = (name: string): SubgraphDefinition | undefined => {
  const [root = '', field = ''] = name.split('.');
  return subgraphs.find(({ schema }) => rootType(schema, root)?.getFields()[field]);
};

/** Asks everything there is, as everyone, by every door: first what only reads, then live, and what changes last. */
export async function collect(world: World): Promise<Answers> {
  const answers: Answers = new Map();
  await askEntities(world, answers);
  await askRoots(world, answers, 'Query');
  await followAll(world, answers);
  await askRoots(world, answers, 'Mutation');
  return answers;
}

function casesOf({ instances, belongsTo }: Pick<Sample, 'instances' | 'belongsTo'>): Case[] {
  return instances.flatMap((instance) => roles.map((role) => ({ role, person: personOf(role, belongsTo), instance })));
}

/** Of one subgraph one field after the other, for what one mutation does another may undo; the subgraphs side by side. */
async function askRoots(world: World, answers: Answers, root: string): Promise<void> {
  await Promise.all(subgraphs.map((definition) => askRootsOf(definition, world, answers, root)));
}

async function askRootsOf(definition: SubgraphDefinition, world: World, answers: Answers, root: string): Promise<void> {
  for (const [field, sample] of Object.entries(samples[root] ?? {})) {
    if (ownerOf(`${root}.${field}`) !== definition) continue;
    const own = operationOf(definition.schema, root, field) ?? '';
    // What clients cannot see is asked all the same.
    const open = operationOf(apiSchema, root, field) ?? own;
    await Promise.all(
      casesOf(sample).map(async (one) => {
        const { role, person, instance } = one;
        const through = await sample.given(world, one);
        const asker = (as = through.as) => ({ person, ...(as ? { as } : {}) });
        answers.set(
          cell(gatewaySource(root, field), role, instance),
          await world.gateway(asker(), open, through.variables),
        );
        const past = await sample.given(world, one);
        const answer = await world.subgraph(definition.name, asker(past.as), own, past.variables);
        answers.set(cell(subgraphSource(definition.name, root, field), role, instance), answer);
      }),
    );
  }
}

async function askEntities(world: World, answers: Answers): Promise<void> {
  for (const { name, schema, sdl } of subgraphs) {
    for (const [type, key] of entitiesIn(parse(sdl))) {
      const query = entityQuery(schema, type);
      await Promise.all(
        casesOf(sampleOfType(type)).map(async ({ role, person, instance }) => {
          const representation = { __typename: type, [key]: idOf(world, type, instance) };
          const answer = await world.subgraph(name, { person }, query, { representations: [representation] });
          answers.set(cell(entitySource(name, type, key), role, instance), answer);
        }),
      );
    }
  }
}

function entityQuery(schema: GraphQLSchema, type: string): string {
  const named = schema.getType(type);
  if (!named) throw new Error(`no type ${type}`);
  return `query Entity($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${type} ${selectionOf(schema, named)} } }`;
}

/** The sample whose object is of this type: of the root field that its place begins with. */
export function sampleOfType(type: string): { instances: readonly Instance[]; belongsTo: Owner } {
  const [root = '', field = ''] = (places[type] ?? '').split('.');
  return samples[root]?.[field] ?? { instances: ['public'], belongsTo: 'author' };
}

function idOf(world: World, type: string, instance: Instance): string {
  const place = instance === 'public' ? 'public' : 'private';
  if (type === 'Post' || type === 'Analytics') return world.posts[instance].id;
  if (type === 'Comment') return world.comments[place];
  if (type === 'Community') return world.communities[place].id;
  if (type === 'User') return world.userIds.author;
  throw new Error(`the world has no ${type}: give it one, and its id here`);
}
