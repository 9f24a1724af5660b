import type { Schema } from '@apollo/federation-internals';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { filterOperation, type FilteredDocument } from './filter.ts';
import { createReach } from './reach.ts';
import { refusalsIn, type Refused } from './refusals.ts';
import { isMet, type RequirementKind, type ViewerAccess } from './requirement.ts';
import { readRequirements } from './requirements.ts';
import { stepsOf, type Guard } from './steps.ts';

/** One variant of an operation: what a viewer with some access may have of it. */
export interface Filtered extends FilteredDocument {
  /** As `keyFor`: variants with one key are the same. */
  readonly key: string;
  readonly refused: readonly Refused[];
}

/** What one operation asks of its viewers: made once, kept with the operation. */
export interface OperationAuthorization {
  /** The policies it mentions: the only ones worth asking about. */
  readonly policies: readonly string[];
  /** Names the variant for an access; empty where everything is permitted. One letter per kind of field asked for. */
  readonly keyFor: (access: ViewerAccess) => string;
  /** Makes a variant: keep it, planned, by its key. */
  readonly filter: (access: ViewerAccess) => Filtered;
}

export interface Authorization {
  /** Null where the operation of this validated document asks nothing. */
  readonly analyse: (document: DocumentNode, operation: OperationDefinitionNode) => OperationAuthorization | null;
}

const PERMITTED = '-';
const LETTERS: Readonly<Record<RequirementKind, string>> = { authenticated: 'a', scopes: 's', policies: 'p' };
const KINDS: readonly RequirementKind[] = ['authenticated', 'scopes', 'policies'];

/**
 * Enforces `@authenticated`, `@requiresScopes` and `@policy`. Null where the supergraph has none of them.
 * @param schema What clients see of the supergraph.
 */
export function createAuthorization(supergraph: Schema, schema: GraphQLSchema): Authorization | null {
  const requirements = readRequirements(supergraph);
  if (requirements.isEmpty) return null;
  return {
    analyse: (document, operation) => {
      const set = operation.selectionSet;
      const type = schema.getRootType(operation.operation)?.name ?? '';
      const { root, guards } = stepsOf(schema, createReach(schema, requirements), type, { document, set });
      if (guards.length === 0) return null;
      const filter = (access: ViewerAccess): Filtered => {
        const lacking = new Map(guards.map((guard) => [guard, lackingKind(guard, access)]));
        const lackingOf = (guard: Guard): RequirementKind | null => lacking.get(guard) ?? null;
        return {
          ...filterOperation(document, operation, root, (guard) => lackingOf(guard) !== null),
          key: keyOf(guards, lackingOf),
          refused: refusalsIn(root, lackingOf),
        };
      };
      const keyFor = (access: ViewerAccess): string => keyOf(guards, (guard) => lackingKind(guard, access));
      return { policies: policiesOf(guards), keyFor, filter };
    },
  };
}

function lackingKind({ requirements }: Guard, access: ViewerAccess): RequirementKind | null {
  const lacking = new Set(requirements.filter((requirement) => !isMet(requirement, access)).map(({ kind }) => kind));
  return KINDS.find((kind) => lacking.has(kind)) ?? null;
}

function keyOf(guards: readonly Guard[], lackingOf: (guard: Guard) => RequirementKind | null): string {
  const lacking = guards.map(lackingOf);
  return lacking.every((kind) => kind === null)
    ? ''
    : lacking.map((kind) => (kind === null ? PERMITTED : LETTERS[kind])).join('');
}

function policiesOf(guards: readonly Guard[]): readonly string[] {
  const named = guards
    .flatMap(({ requirements }) => requirements)
    .filter(({ kind }) => kind === 'policies')
    .flatMap(({ anyOf }) => anyOf.flat());
  return [...new Set(named)].sort();
}
