import { getNamedType, isAbstractType, isCompositeType, isObjectType, type GraphQLSchema } from 'graphql';
import type { Requirement } from './requirement.ts';
import type { Requirements } from './requirements.ts';

/** The object types that a value may turn out to be where a selection set stands. */
export interface Possible {
  readonly id: string;
  readonly names: readonly string[];
}

/** What is reached by selecting a field, and what that asks of the viewer. */
export interface Reach {
  readonly possibleTypes: (type: string) => Possible;
  /** What remains possible inside a fragment on `condition`. */
  readonly narrow: (possible: Possible, condition: string) => Possible;
  readonly requirements: (type: string, field: string, possible: Possible) => readonly Requirement[];
}

/**
 * A field is asked for what its type, itself and its return type ask. Through an interface or a union's fragment it is
 * asked for what they ask on every object type that is possible there as well: which one a value has is known only when
 * it is fetched, so a field is refused unless every possible one permits it. A fragment on an object type narrows this.
 */
export function createReach(schema: GraphQLSchema, requirements: Requirements): Reach {
  const objectsOf = new Map<string, Possible>();
  const possibleTypes = (name: string): Possible => {
    let possible = objectsOf.get(name);
    if (!possible) {
      const type = schema.getType(name);
      const types = isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
      possible = possibleOf(types.map((object) => object.name).sort());
      objectsOf.set(name, possible);
    }
    return possible;
  };
  return {
    possibleTypes,
    narrow: (possible, condition) => {
      const inside = new Set(possibleTypes(condition).names);
      return possible.names.every((name) => inside.has(name))
        ? possible
        : possibleOf(possible.names.filter((name) => inside.has(name)));
    },
    requirements: (type, field, possible) => {
      const found = new Map<string, Requirement>();
      for (const name of new Set([type, ...possible.names])) {
        for (const requirement of ofField(schema, requirements, name, field)) found.set(requirement.id, requirement);
      }
      return [...found.values()];
    },
  };
}

const possibleOf = (names: readonly string[]): Possible => ({ id: names.join(' '), names });

/** What a field asks on one type, whoever else has it. */
export function ofField(
  schema: GraphQLSchema,
  requirements: Requirements,
  typeName: string,
  field: string,
): readonly Requirement[] {
  const type = schema.getType(typeName);
  const returns = isCompositeType(type) && 'getFields' in type ? type.getFields()[field]?.type : undefined;
  return [
    ...requirements.ofType(typeName),
    ...requirements.ofField(typeName, field),
    ...(returns ? requirements.ofType(getNamedType(returns).name) : []),
  ];
}
