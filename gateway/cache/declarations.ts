import type { GraphQLSchema } from 'graphql';
import type { Viewer } from 'kit/viewer';
import { appliedTo, argumentOf, nameInSupergraph, text, type Directed } from '../graph/composed.ts';
import type { Graph } from '../graph/graph.ts';
import type { PublicDeclaration } from '../operation/public-fields.ts';

/** What is said of a type (for fields that return it) or of a field, as `@cacheControl` says it. */
export interface CacheHint {
  /** Seconds. */
  readonly maxAge?: number | undefined;
  /** PUBLIC on a field: its value is the same for everybody who sees the object. On a type: all its fields, and everybody sees the objects. */
  readonly scope?: 'PUBLIC' | 'PRIVATE' | undefined;
  readonly inheritMaxAge?: boolean | undefined;
}

/** An event on the bus, as far as its tags may depend on it. */
export interface CacheEvent {
  readonly type: string;
  readonly aggregateId: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A product's word on caching, beside the supergraph's. */
export interface CacheDeclaration {
  /** By coordinate: `Post` or `Post.title`. Outweighs `@cacheControl`, except that PRIVATE of either holds, for live answers too. */
  readonly hints?: Readonly<Record<string, CacheHint>>;
  /** Types whose objects everybody may see, whatever is public of them: entities may be shared that have public fields. */
  readonly visible?: readonly string[];
  /** Whose event streams to follow: names of producers on the bus. */
  readonly producers?: readonly string[];
  /**
   * What an event makes invalid: `Post:<key>` for answers that show this entity, `Post` for all that show any, `User.posts`
   * for those with this field in them, `viewer:<user id>` for all kept for this viewer.
   */
  readonly tagsOf?: (event: CacheEvent) => readonly string[];
  /** Viewers with one key are given the same private answers; null is given none from the cache. */
  readonly keyOf?: (viewer: Viewer) => string | null;
}

/** All that is said about one graph's types and fields. */
export interface CacheHints {
  readonly of: (coordinate: string) => CacheHint;
  /** Whether everybody sees the objects of a type. */
  readonly isVisible: (type: string) => boolean;
  /** What of the product's own declaration makes fields public. */
  readonly declaration: PublicDeclaration;
  readonly isEmpty: boolean;
}

const NOTHING: CacheHint = {};

/** Reads `@cacheControl` where the supergraph has it composed in, and puts the product's own hints over it. */
export function readHints(
  { supergraphSchema }: Pick<Graph, 'supergraphSchema'>,
  { hints: own = {}, visible = [] }: Pick<CacheDeclaration, 'hints' | 'visible'>,
  publicFields: readonly string[],
): CacheHints {
  const hints = new Map<string, CacheHint>();
  const directive = nameInSupergraph(supergraphSchema, 'cacheControl');
  if (directive !== null) readDirectives(supergraphSchema, directive, hints);
  for (const [coordinate, hint] of Object.entries(own)) {
    const composed = hints.get(coordinate);
    const scope = composed?.scope === 'PRIVATE' ? 'PRIVATE' : (hint.scope ?? composed?.scope);
    hints.set(coordinate, { ...composed, ...hint, scope });
  }
  const declared = Object.entries(own)
    .filter(([, { scope }]) => scope === 'PUBLIC')
    .map(([coordinate]) => (coordinate.includes('.') ? coordinate : `${coordinate}.*`));
  return {
    of: (coordinate) => hints.get(coordinate) ?? NOTHING,
    isVisible: (type) => visible.includes(type) || hints.get(type)?.scope === 'PUBLIC',
    declaration: { publicFields: [...publicFields, ...declared] },
    isEmpty: ![...hints.values()].some(({ maxAge = 0 }) => maxAge > 0),
  };
}

/** Reads the hints of each graph once. */
export function hintsByGraph(
  declaration: CacheDeclaration,
  publicFields: readonly string[],
): (graph: Graph) => CacheHints {
  const known = new WeakMap<Graph, CacheHints>();
  return (graph) => {
    let hints = known.get(graph);
    if (!hints) known.set(graph, (hints = readHints(graph, declaration, publicFields)));
    return hints;
  };
}

function readDirectives(schema: GraphQLSchema, directive: string, hints: Map<string, CacheHint>): void {
  const note = (coordinate: string, element: Directed): void => {
    const hint = hintOf(element, directive);
    if (hint) hints.set(coordinate, hint);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    note(type.name, type as Directed);
    if (!('getFields' in type)) continue;
    const fields: readonly (Directed & { readonly name: string })[] = Object.values(type.getFields());
    for (const field of fields) note(`${type.name}.${field.name}`, field);
  }
}

/** Several subgraphs may say it of one element: the shortest time and the narrowest scope hold. */
function hintOf(element: Directed, directive: string): CacheHint | null {
  const applied = appliedTo(element, directive);
  if (applied.length === 0) return null;
  const ages = applied.flatMap((one) => {
    const value = argumentOf(one, 'maxAge');
    return value?.kind === 'IntValue' ? [Number(value.value)] : [];
  });
  const scopes = applied.map((one) => text(argumentOf(one, 'scope')));
  const scope = scopes.includes('PRIVATE') ? 'PRIVATE' : scopes.includes('PUBLIC') ? 'PUBLIC' : undefined;
  const inheritMaxAge = applied.some((one) => {
    const value = argumentOf(one, 'inheritMaxAge');
    return value?.kind === 'BooleanValue' && value.value;
  });
  return { maxAge: ages.length > 0 ? Math.min(...ages) : undefined, scope, inheritMaxAge };
}
