import type { Schema } from '@apollo/federation-internals';
import { isInterfaceType, isObjectType, type GraphQLInterfaceType, type GraphQLSchema } from 'graphql';
import { hiddenSelections } from './hidden.ts';
import { createReach, ofField, type Reach } from './reach.ts';
import { isImplied, type Requirement } from './requirement.ts';
import { ENFORCED_SPECS, readRequirements, type Requirements } from './requirements.ts';
import { stepsOf } from './steps.ts';

/** Why a supergraph must not be served. */
export interface Leak {
  readonly coordinate: string;
  /** What leaks, and the remedy, in whole sentences. */
  readonly message: string;
}

interface Checked {
  readonly supergraph: Schema;
  readonly schema: GraphQLSchema;
  readonly requirements: Requirements;
  readonly reach: Reach;
}

/**
 * Where a supergraph protects less than it seems to. Each of these is refused:
 *
 * - A directive that asks nothing, or that no @link makes ours: nothing would be enforced.
 * - A field that is open on an interface and protected on an object type behind it. This gateway refuses such a field
 *   unless every possible type permits it, but whoever else reads the supergraph goes by the interface alone, and its SDL
 *   hides from clients what they will be refused. Composition since 2.12 copies requirements to interfaces.
 * - A field that is protected on an interface only: a fragment on an object type reads it all the same.
 * - An open field computed from protected ones, by @requires or @fromContext (GHSA-m8jr-fxqx-8xx6): its subgraph is handed
 *   them whoever asks. Composition since 2.12 refuses it too; this is for supergraphs that something else has made.
 *
 * Not refused: unions and object types that are returned covariantly, whose fields are only reached by fragments and
 * checked there; protected key fields, which only the gateway sees. Not visible in a supergraph: the scopes of several
 * subgraphs merged by OR, as composition did before 2.12 (it merges by AND since).
 */
export function findLeaks(supergraph: Schema): readonly Leak[] {
  const requirements = readRequirements(supergraph);
  const leaks = [...unlinked(supergraph), ...requirements.voids.map(voidLeak)];
  if (requirements.isEmpty) return leaks;
  const schema = supergraph.toGraphQLJSSchema();
  const checked: Checked = { supergraph, schema, requirements, reach: createReach(schema, requirements) };
  const interfaces = Object.values(schema.getTypeMap()).filter(isInterfaceType);
  return [...leaks, ...interfaces.flatMap((type) => throughInterface(checked, type)), ...throughSubgraphs(checked)];
}

const voidLeak = (coordinate: string): Leak => ({
  coordinate,
  message: `${coordinate} has a directive that asks nothing. Name the scopes or policies it needs, or take the directive away.`,
});

function unlinked(supergraph: Schema): readonly Leak[] {
  return ENFORCED_SPECS.flatMap((name) => {
    const directive = supergraph.directive(name);
    if (!directive || directive.applications().size === 0 || supergraph.coreFeatures?.sourceFeature(directive))
      return [];
    const message = `@${name} comes from no @link, so it is not enforced. Link its specification (compose with Federation 2.5 or newer), or rename it.`;
    return [{ coordinate: `@${name}`, message }];
  });
}

function throughInterface({ schema, requirements }: Checked, type: GraphQLInterfaceType): readonly Leak[] {
  const objects = schema.getPossibleTypes(type).map(({ name }) => name);
  return Object.keys(type.getFields()).flatMap((field) => {
    const coordinate = `${type.name}.${field}`;
    const ofInterface = ofField(schema, requirements, type.name, field);
    const ofObjects = objects.map((name) => ({ name, asked: declared(requirements, name, field) }));
    const leaks: Leak[] = ofObjects
      .filter(({ asked }) => !areImplied(ofInterface, asked))
      .map(({ name }) => ({
        coordinate,
        message: `${coordinate} is open where ${name}.${field} is protected, so the interface leaks it. Compose with version 2.12 or newer, which copies requirements to interfaces.`,
      }));
    const everything = objects.flatMap((name) => ofField(schema, requirements, name, field));
    if (objects.length > 0 && !areImplied(everything, declared(requirements, type.name, field))) {
      const message = `${coordinate} is protected and no type behind it is: a fragment on ${objects.join(' or ')} reads it. Put the directive on the fields of those types.`;
      leaks.push({ coordinate, message });
    }
    return leaks;
  });
}

/** Without what the return type asks: through a fragment that is asked for there. */
const declared = (requirements: Requirements, type: string, field: string): readonly Requirement[] => [
  ...requirements.ofType(type),
  ...requirements.ofField(type, field),
];

const areImplied = (given: readonly Requirement[], wanted: readonly Requirement[]): boolean =>
  wanted.every((requirement) => isImplied(given, requirement));

function throughSubgraphs({ supergraph, schema, requirements, reach }: Checked): readonly Leak[] {
  return hiddenSelections(supergraph).flatMap(({ type, field, on, document, set, by }) => {
    const owner = schema.getType(type);
    const owners = isInterfaceType(owner) ? schema.getPossibleTypes(owner) : isObjectType(owner) ? [owner] : [];
    const wanted = [
      ...(by === '@fromContext' ? requirements.ofType(on) : []),
      ...stepsOf(schema, reach, on, { document, set }).guards.flatMap((guard) => guard.requirements),
    ];
    return owners
      .filter(({ name }) => !areImplied(ofField(schema, requirements, name, field), wanted))
      .map(({ name }) => ({
        coordinate: `${name}.${field}`,
        message: `${name}.${field} is computed from protected fields of ${on} (${by}) that it does not protect itself. Put their directives on it too.`,
      }));
  });
}
