import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import {
  getNamedType,
  isCompositeType,
  isObjectType,
  isRequiredArgument,
  parse,
  type GraphQLCompositeType,
  type GraphQLField,
} from 'graphql';
import { codeOf } from '../errors.ts';
import { checkDocument, parseOperation } from '../security/limits.ts';
import { operationLimits } from '../security/limits.settings.ts';
import { gatewaySettings } from '../config.ts';
import { graphIdOf, loadGraph } from './graph.ts';
import { createPlanner, type Planner } from './planner.ts';

const PROMISED_MS = 250;
const limits = operationLimits(gatewaySettings({}));

/** The CPU that planning takes, the middle of five: on a machine of its own that is its time. Null where it is refused. */
async function planningMs(planner: Planner, sdl: string, text: string): Promise<number | null> {
  const graph = { id: graphIdOf(sdl), sdl };
  const times: number[] = [];
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = process.cpuUsage();
    try {
      await planner.plan(graph, [text]);
    } catch (error) {
      if (codeOf(error) === 'PLAN_TOO_COMPLEX') return null;
      throw error;
    }
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return times.toSorted((one, other) => one - other)[2] ?? 0;
}

function isAccepted(text: string): boolean {
  try {
    return checkDocument(parseOperation(text, limits), limits).length === 0;
  } catch {
    return false;
  }
}

const isFree = ({ args }: GraphQLField<unknown, unknown>): boolean => !args.some(isRequiredArgument);

/** Every field that takes no argument, level by level: as much as a client may ask for below one field. */
function everythingBelow(type: GraphQLCompositeType, levels: number): string {
  if (!isObjectType(type)) return '__typename';
  const fields = Object.values(type.getFields()).filter(isFree);
  const selected = fields.flatMap((field) => {
    const inner = getNamedType(field.type);
    if (!isCompositeType(inner)) return [field.name];
    return levels === 0 ? [] : [`${field.name} { ${everythingBelow(inner, levels - 1)} }`];
  });
  return ['__typename', ...selected].join(' ');
}

/** The largest selection below a root field that the limits let pass. */
function largestOf(name: string, given: string, type: GraphQLCompositeType): string | null {
  let largest: string | null = null;
  for (let levels = 0; levels < 12; levels++) {
    const text = `{ ${name}${given} { ${everythingBelow(type, levels)} } }`;
    if (!isAccepted(text)) break;
    largest = text;
  }
  return largest;
}

test('the largest accepted operations on the product’s own graph are planned in time', async () => {
  const sdl = readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8');
  const planner = createPlanner(20_000);
  await planner.load({ id: graphIdOf(sdl), sdl });
  const roots = Object.values(loadGraph(sdl).schema.getQueryType()?.getFields() ?? {});
  const times: [name: string, milliseconds: number | null][] = [];
  for (const { name, args, type } of roots) {
    const inner = getNamedType(type);
    const needed = args.filter(isRequiredArgument);
    if (!isCompositeType(inner) || needed.some((one) => !/^(ID|String)!$/.test(String(one.type)))) continue;
    const given = needed.length === 0 ? '' : `(${needed.map((one) => `${one.name}: "x"`).join(', ')})`;
    const text = largestOf(name, given, inner);
    if (text !== null) times.push([name, await planningMs(planner, sdl, text)]);
  }
  planner.close();
  expect(times.length).toBeGreaterThan(5);
  expect(times.filter(([, milliseconds]) => milliseconds === null || milliseconds >= PROMISED_MS)).toEqual([]);
});

test('where every field is in every subgraph, what is not refused is planned in time', async () => {
  const typeDefs = (name: string) =>
    parse(`extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])
      type Query { nodes: [Node!]! @shareable }
      interface Node { id: ID! a: String next: Node }
      ${['A', 'B', 'C', 'D', 'E', 'F'].map((type) => `type ${type} implements Node @key(fields: "id") { id: ID! a: String @shareable next: Node @shareable only${name}: String }`).join('\n')}`);
  const { supergraphSdl: sdl = '' } = composeServices(
    ['one', 'two', 'three', 'four'].map((name) => ({ name, url: 'http://127.0.0.1:1/', typeDefs: typeDefs(name) })),
  );
  const planner = createPlanner(20_000);
  await planner.load({ id: graphIdOf(sdl), sdl });
  const nested = (depth: number): string => (depth === 0 ? 'a' : `a next { ${nested(depth - 1)} }`);
  const times: (number | null)[] = [];
  for (let depth = 0; depth <= 10; depth++) {
    const text = `{ nodes { ${nested(depth)} } }`;
    expect(isAccepted(text)).toBe(true);
    times.push(await planningMs(planner, sdl, text));
  }
  planner.close();
  // Some are planned and some are too complex: both sides of the bound are looked at.
  expect([times[0], times[10]]).toEqual([expect.any(Number), null]);
  expect(times.filter((milliseconds) => milliseconds !== null && milliseconds >= PROMISED_MS)).toEqual([]);
});
