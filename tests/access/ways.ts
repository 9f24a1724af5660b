import { getNamedType, type GraphQLSchema, isObjectType, parse } from 'graphql';
import { subgraphs } from 'subgraphs/start';
import { accessMatrix } from '../../tools/schema/access.ts';
import { apiSchema, entitySource, gatewaySource, subgraphSource } from './answers.ts';
import type { Role } from './people.ts';
import { entitiesIn } from './selection.ts';

/** Read from the declarations as they are now, not from the committed snapshot. */
export const matrix = accessMatrix(subgraphs);

const ROOTS = ['Query', 'Mutation', 'Subscription'];
export const isRoot = (entry: string): boolean => ROOTS.includes(entry.split('.')[0] ?? '');

export type Door = 'gateway' | 'subgraph';

/** A way to a type: in the answers to `source`, the path below their data. */
export interface Way {
  readonly door: Door;
  readonly source: string;
  readonly path: readonly string[];
}

/** A way's own entries, of all that lie along its place: at an entity it begins behind what the gateway would have asked before. */
export const passedOn = ({ path }: Way, along: readonly string[]): readonly string[] =>
  path[0] === '_entities' ? along.slice(-path.length) : along;

/** Whether clients are not even told that it exists. */
export function isInaccessible(entry: string): boolean {
  const [type = '', field = ''] = entry.split('.');
  const found = apiSchema.getType(type);
  return !isObjectType(found) || !found.getFields()[field];
}

/** The types along a place (`Query.post.author`) in a schema, from the root on; null where the schema does not have it. */
export function typesAlong(schema: GraphQLSchema, place: string): string[] | null {
  const [root = '', ...fields] = place.split('.');
  const types = [root];
  for (const field of fields) {
    const type = schema.getType(types.at(-1) ?? '');
    const next = isObjectType(type) ? type.getFields()[field] : undefined;
    if (!next) return null;
    types.push(getNamedType(next.type).name);
  }
  return types;
}

/** All entries whose rules lie on the way through a place to an entry, itself included. */
export function entriesAlong(entry: string, place: string): string[] {
  const schemas = [apiSchema, ...subgraphs.map(({ schema }) => schema)];
  const types = schemas.map((schema) => typesAlong(schema, place)).find((found) => found !== null) ?? [];
  const [type] = entry.split('.');
  if (types.at(-1) !== type) throw new Error(`places.ts: ${place} does not lead to ${type ?? ''}`);
  const fields = place.split('.').slice(1);
  return [...fields.map((field, index) => `${types[index] ?? ''}.${field}`), entry];
}

/** The ways to an entry's type: through the gateway, and at each subgraph that answers it and can be asked for it. */
export function waysTo(entry: string, place: string): Way[] {
  const [root = '', field = '', ...below] = place.split('.');
  const through: Way = { door: 'gateway', source: gatewaySource(root, field), path: [field, ...below] };
  const past = (matrix[entry]?.subgraphs ?? []).flatMap((name) => waysAt(name, place));
  if (past.length === 0) throw new Error(`places.ts: no subgraph that answers ${entry} can be asked for ${place}`);
  return [through, ...past];
}

const entitiesBy = new Map(subgraphs.map(({ name, sdl }) => [name, entitiesIn(parse(sdl))]));

/** From the end of the place back to the last object that the subgraph answers for, once by each of its keys; else from its root. */
function waysAt(name: string, place: string): Way[] {
  const definition = subgraphs.find((one) => one.name === name);
  if (!definition) return [];
  const { schema } = definition;
  const [root = '', field = '', ...below] = place.split('.');
  const types = typesAlong(apiSchema, place) ?? typesAlong(schema, place) ?? [];
  const entities = entitiesBy.get(name) ?? [];
  for (let at = types.length - 1; at > 0; at--) {
    const rest = place.split('.').slice(at + 1);
    const keys = entities.filter(([type]) => type === types[at]);
    if (keys.length === 0 || !typesAlong(schema, [types[at], ...rest].join('.'))) continue;
    return keys.map(([type, key]) => ({
      door: 'subgraph',
      source: entitySource(name, type, key),
      path: ['_entities', ...rest],
    }));
  }
  return typesAlong(schema, place)
    ? [{ door: 'subgraph', source: subgraphSource(name, root, field), path: [field, ...below] }]
    : [];
}

/** Whether the declaration of an entry lets the role through. Declarations know no block: the blocked are members like others. */
export function isRuledIn(entry: string, role: Role): boolean {
  const { allows = [] } = matrix[entry] ?? {};
  return allows.includes('viewers') || allows.includes(role === 'blocked' ? 'member' : role);
}
