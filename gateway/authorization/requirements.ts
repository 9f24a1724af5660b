import type { Schema } from '@apollo/federation-internals';
import { authenticated, isVoid, requirementOf, type Requirement } from './requirement.ts';

/** What the supergraph's types and fields ask of viewers. */
export interface Requirements {
  readonly isEmpty: boolean;
  /** Of objects, interfaces, enums and scalars. */
  readonly ofType: (name: string) => readonly Requirement[];
  readonly ofField: (type: string, field: string) => readonly Requirement[];
  /** Coordinates whose directive asks nothing: `scopes: []`, or an alternative without a name. */
  readonly voids: readonly string[];
}

const SPECS = [
  { name: 'authenticated', read: () => authenticated },
  {
    name: 'requiresScopes',
    read: ({ scopes }: Record<string, unknown>) => requirementOf('scopes', scopes as string[][]),
  },
  {
    name: 'policy',
    read: ({ policies }: Record<string, unknown>) => requirementOf('policies', policies as string[][]),
  },
] as const;

/** The specifications whose directives are enforced, by the name a supergraph links them under. */
export const ENFORCED_SPECS: readonly string[] = SPECS.map(({ name }) => name);

const identityOf = (spec: string): string => `https://specs.apollo.dev/${spec}`;

const none: readonly Requirement[] = [];

/**
 * Reads `@authenticated`, `@requiresScopes` and `@policy` from a supergraph. Which directives these are is what its @link
 * says, whatever they are called there (CVE-2025-64347: a router that looked for their usual names enforced nothing).
 */
export function readRequirements(supergraph: Schema): Requirements {
  const byCoordinate = new Map<string, Requirement[]>();
  const voids: string[] = [];
  for (const { name, read } of SPECS) {
    const nameInSchema = supergraph.coreFeatures?.getByIdentity(identityOf(name))?.directiveNameInSchema(name);
    const directive = nameInSchema === undefined ? undefined : supergraph.directive(nameInSchema);
    for (const application of directive?.applications() ?? []) {
      const coordinate = coordinateOf(application.parent);
      const requirement = read(application.arguments());
      if (isVoid(requirement)) voids.push(coordinate);
      else addTo(byCoordinate, coordinate, requirement);
    }
  }
  return {
    isEmpty: byCoordinate.size === 0,
    ofType: (type) => byCoordinate.get(type) ?? none,
    ofField: (type, field) => byCoordinate.get(`${type}.${field}`) ?? none,
    voids,
  };
}

/** `Type` or `Type.field`. Throws where a directive stands elsewhere: passing over it would protect nothing, silently. */
function coordinateOf(element: unknown): string {
  if (element && typeof element === 'object' && 'coordinate' in element && typeof element.coordinate === 'string') {
    return element.coordinate;
  }
  throw new Error('the supergraph has an authorization directive on something that is neither a type nor a field');
}

function addTo(map: Map<string, Requirement[]>, coordinate: string, requirement: Requirement): void {
  const known = map.get(coordinate);
  if (known) known.push(requirement);
  else map.set(coordinate, [requirement]);
}
