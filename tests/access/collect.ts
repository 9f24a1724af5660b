import { type GraphQLSchema, parse } from 'graphql';
import type { SubgraphDefinition } from 'kit/subgraph';
import { subgraphs } from 'subgraphs/start';
import { fieldsBelow } from './alone.ts';
import { aloneSource, type Answers, apiSchema, cell, entitySource, gatewaySource, subgraphSource } from './answers.ts';
import type { Answer, Asker } from './doors.ts';
import type { HeldCase, Holder } from './holders.ts';
import { aloneByEntity, aloneByRoot, entitiesWith, isReached, within } from './narrow.ts';
import type { Instance, Owner } from './people.ts';
import { places } from './places.ts';
import type { Given, Sample } from './sample.ts';
import { samples } from './samples.ts';
import { entitiesIn, operationOf, operationWith, rootType, selectionOf } from './selection.ts';
import type { World } from './world.ts';

/** What there is to ask in, and where the answers go. */
export interface Inquiry {
  readonly world: World;
  readonly answers: Answers;
  readonly holders: readonly Holder[];
}

type Root = 'Query' | 'Mutation';

const ownerOf = (name: string): SubgraphDefinition | undefined => {
  const [root = '', field = ''] = name.split('.');
  return subgraphs.find(({ schema }) => rootType(schema, root)?.getFields()[field]);
};

function casesOf({ holders }: Inquiry, { instances, belongsTo }: Pick<Sample, 'instances' | 'belongsTo'>): HeldCase[] {
  return instances.flatMap((instance) =>
    holders.map((holder) => {
      const { role, personFor, as } = holder;
      return { role, person: personFor(belongsTo), instance, holder, as: as(belongsTo) };
    }),
  );
}

const AT_ONCE = 12;

/** Some side by side: all at once would wait for each other until they are refused as too late. */
async function inTurns(cases: readonly HeldCase[], ask: (one: HeldCase) => Promise<void>): Promise<void> {
  for (let start = 0; start < cases.length; start += AT_ONCE) {
    await Promise.all(cases.slice(start, start + AT_ONCE).map(ask));
  }
}

/** Of one subgraph one field after the other, for what one mutation does another may undo; the subgraphs side by side. */
export async function askRoots(inquiry: Inquiry, root: Root): Promise<void> {
  await Promise.all(subgraphs.map((definition) => askRootsOf(inquiry, definition, root)));
}

async function askRootsOf(inquiry: Inquiry, definition: SubgraphDefinition, root: Root): Promise<void> {
  for (const [field, sample] of Object.entries(samples[root] ?? {})) {
    if (ownerOf(`${root}.${field}`) !== definition) continue;
    const ways = waysOf(definition, root, field, sample);
    await inTurns(casesOf(inquiry, sample), async (one) => {
      for (const way of ways) await askRoot(inquiry, way, one);
    });
  }
}

function waysOf({ name, schema }: SubgraphDefinition, root: Root, field: string, sample: Sample): readonly RootWay[] {
  const own = operationOf(schema, root, field) ?? '';
  const open = operationOf(apiSchema, root, field);
  const asked = { root, field, sample };
  const past = { ...asked, name, schema, source: subgraphSource(name, root, field), whole: own };
  // What clients cannot see is asked all the same.
  const through = open === null ? { schema, whole: own } : { schema: apiSchema, whole: open };
  return [{ ...asked, ...through, name: null, source: gatewaySource(root, field) }, past];
}

interface RootWay {
  /** The subgraph's; null for the gateway. */
  readonly name: string | null;
  readonly schema: GraphQLSchema;
  readonly source: string;
  readonly root: Root;
  readonly field: string;
  readonly sample: Sample;
  readonly whole: string;
}

/** All that they may have together, and what is refused by itself, so that each refusal is its own. */
async function askRoot(inquiry: Inquiry, way: RootWay, one: HeldCase): Promise<void> {
  const { world, answers } = inquiry;
  const { source, schema, root, field, sample } = way;
  if (!one.holder.asks(source)) return;
  const { held, name: holder, isOut } = one.holder;
  const isMet = isReached([`${root}.${field}`], held) && !isOut;
  // What is refused is refused before anybody has looked what it is about: once is enough.
  if (!isMet && one.instance !== sample.instances[0]) return;
  const query = (isMet ? within(schema, way.whole, held) : refusedWhole(way)) ?? way.whole;
  const given = isMet ? await sample.given(world, one) : await harmless(world, way, one);
  const answer = await askAt(world, way, one, query, given);
  for (const instance of isMet ? [one.instance] : sample.instances) answers.set(cell(source, holder, instance), answer);
  if (!isMet || held === null) return;
  for (const { entry, path, along } of fieldsBelow(source)) {
    const alone = isReached(along, held) ? null : aloneByRoot(schema, root, path);
    if (alone === null) continue;
    // The gateway makes the change all the same, and leaves out of the answer what is refused.
    const again = root === 'Mutation' && way.name === null ? await sample.given(world, one) : given;
    answers.set(cell(aloneSource(source, entry), holder, one.instance), await askAt(world, way, one, alone, again));
  }
}

/** Of a change the gateway refuses the root and all that is below: what comes back need not be written out. */
const refusedWhole = ({ name, schema, root, field, whole }: RootWay): string =>
  name === null && root === 'Mutation' && whole.includes('{', whole.indexOf(field))
    ? operationWith(schema, root, field, '{ __typename }')
    : whole;

function askAt(world: World, { name }: RootWay, one: HeldCase, query: string, given: Given): Promise<Answer> {
  const as = one.as ?? given.as;
  const asker: Asker = { person: one.person, ...(as ? { as } : {}) };
  return name === null
    ? world.gateway(asker, query, given.variables)
    : world.subgraph(name, asker, query, given.variables);
}

const kept = new WeakMap<World, Map<string, Promise<Given>>>();

/** Variables for what is refused before anybody reads them: the same each time, as the owner would give them. */
function harmless(world: World, { root, field, sample }: RootWay, { instance }: HeldCase): Promise<Given> {
  const ofWorld = kept.get(world) ?? new Map<string, Promise<Given>>();
  kept.set(world, ofWorld);
  const key = cell(`${root}.${field}`, '', instance);
  const found = ofWorld.get(key);
  if (found) return found;
  const given = Promise.resolve(sample.given(world, { role: 'owner', person: sample.belongsTo, instance }));
  ofWorld.set(key, given);
  return given;
}

/** Every object that a subgraph answers for, by each of its keys. */
export async function askEntities(inquiry: Inquiry): Promise<void> {
  const asked = subgraphs.flatMap(({ name, schema, sdl }) =>
    entitiesIn(parse(sdl)).map(([type, key]) => ({ name, schema, type, key })),
  );
  for (const one of asked) {
    await inTurns(casesOf(inquiry, sampleOfType(one.type)), (held) => askEntity(inquiry, one, held));
  }
}

interface EntityWay {
  readonly name: string;
  readonly schema: GraphQLSchema;
  readonly type: string;
  readonly key: string;
}

async function askEntity(inquiry: Inquiry, way: EntityWay, one: HeldCase): Promise<void> {
  const { name, schema, type, key } = way;
  const { world, answers } = inquiry;
  const { held, name: holder, isOut } = one.holder;
  const source = entitySource(name, type, key);
  const { instances } = sampleOfType(type);
  const asker: Asker = { person: one.person, ...(one.as ? { as: one.as } : {}) };
  const ask = (query: string, about: readonly Instance[]): Promise<Answer> =>
    world.subgraph(name, asker, query, {
      representations: about.map((instance) => ({ __typename: type, [key]: idOf(world, type, instance) })),
    });
  const whole = entityQuery(schema, type);
  const query = within(schema, whole, held) ?? whole;
  answers.set(cell(source, holder, one.instance), await ask(query, [one.instance]));
  if (held === null || isOut || one.instance !== instances[0]) return;
  for (const { entry, path, along } of fieldsBelow(source)) {
    const alone = isReached(along, held) ? null : aloneByEntity(schema, type, path.slice(1));
    const answer = alone === null ? null : await ask(alone, instances);
    // Of all kinds of object at once: it is refused whole.
    for (const instance of answer ? instances : []) {
      if (answer) answers.set(cell(aloneSource(source, entry), holder, instance), answer);
    }
  }
}

function entityQuery(schema: GraphQLSchema, type: string): string {
  const named = schema.getType(type);
  if (!named) throw new Error(`no type ${type}`);
  return entitiesWith(type, selectionOf(schema, named));
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
