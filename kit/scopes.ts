import {
  defaultFieldResolver,
  type DirectiveNode,
  getNamedType,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Context } from './context.ts';
import { CodedError } from './errors.ts';
import type { PreparedOperation } from './executor/executor.ts';
import type { Viewer } from './viewer.ts';

/** What one `@requiresScopes` asks for: one of these sets, held whole. */
type Requirement = readonly (readonly string[])[];

interface Annotated {
  readonly astNode?: { readonly directives?: readonly DirectiveNode[] } | null | undefined;
  readonly extensionASTNodes?: readonly { readonly directives?: readonly DirectiveNode[] }[];
}

/**
 * The directive's requirements of a type or field, all of which must hold; null without one. Composition reads them from
 * the same SDL, so that gateway and subgraph cannot differ.
 */
function requirementsOf({ astNode, extensionASTNodes = [] }: Annotated): readonly Requirement[] | null {
  const directives = [astNode, ...extensionASTNodes].flatMap((node) => node?.directives ?? []);
  const found = directives.filter(({ name }) => name.value === 'requiresScopes').map(readScopes);
  return found.length === 0 ? null : found;
}

function readScopes({ arguments: given = [] }: DirectiveNode): Requirement {
  const value = given.find(({ name }) => name.value === 'scopes')?.value;
  if (value?.kind !== Kind.LIST) return [];
  return value.values.map((set) =>
    set.kind === Kind.LIST ? set.values.flatMap((one) => (one.kind === Kind.STRING ? [one.value] : [])) : [],
  );
}

const isMet = (requirement: Requirement, held: readonly string[]): boolean =>
  requirement.some((set) => set.every((scope) => held.includes(scope)));

const lackingOf = (requirements: readonly Requirement[], held: readonly string[]): Requirement | null =>
  requirements.find((requirement) => !isMet(requirement, held)) ?? null;

function tooNarrow(what: string, lacking: Requirement): CodedError {
  const needed = lacking.map((set) => set.join(' and ')).join(', or ');
  return new CodedError('FORBIDDEN', `Your credentials are too narrow for ${what}: it takes ${needed}.`);
}

/**
 * Throws FORBIDDEN where the viewer's credentials are narrower than a session and not good for a root field. What declares
 * no scope is closed to them: it is for sessions.
 */
export function enforceScopes(schema: GraphQLSchema, viewer: Viewer, root: string, field: string): void {
  if (viewer.scopes === undefined) return;
  const type = schema.getType(root);
  const definition = isObjectType(type) ? type.getFields()[field] : undefined;
  const requirements = definition && requirementsOf(definition);
  if (!requirements)
    throw new CodedError('FORBIDDEN', `${root}.${field} takes a session; your credentials are narrower.`);
  const lacking = lackingOf(requirements, viewer.scopes);
  if (lacking) throw tooNarrow(`${root}.${field}`, lacking);
}

/** Puts the declared scopes before every resolver of Query and Mutation, entities included. */
export function guardRoots(schema: GraphQLSchema): void {
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const { resolve = defaultFieldResolver, name } = field;
      if (!root) continue;
      field.resolve = (parent, args: Record<string, unknown>, ctx: Context, info) => {
        if (ctx.viewer.scopes !== undefined) {
          if (name === '_entities') enforceEntities(schema, ctx.viewer.scopes, args['representations']);
          else enforceScopes(schema, ctx.viewer, root.name, name);
        }
        return resolve(parent, args, ctx, info);
      };
    }
  }
}

function enforceEntities(schema: GraphQLSchema, held: readonly string[], representations: unknown): void {
  const list = Array.isArray(representations) ? (representations as { __typename?: unknown }[]) : [];
  for (const name of new Set(list.map(({ __typename }) => String(__typename)))) {
    const type = schema.getType(name);
    const lacking = lackingOf((type && requirementsOf(type as Annotated)) ?? [], held);
    if (lacking) throw tooNarrow(name, lacking);
  }
}

interface Asked {
  readonly what: string;
  readonly requirements: readonly Requirement[];
}

const askedBy = new WeakMap<OperationDefinitionNode, readonly Asked[]>();

/**
 * Throws FORBIDDEN where an operation selects, at any depth, what the viewer's credentials are too narrow for. The gateway
 * has left such fields out: whoever still asks came past it.
 */
export function enforceSelection(
  schema: GraphQLSchema,
  { operation, document }: PreparedOperation,
  viewer: Viewer,
): void {
  if (viewer.scopes === undefined || operation === null) return;
  let asked = askedBy.get(operation);
  if (!asked) askedBy.set(operation, (asked = selectedIn(schema, document)));
  for (const { what, requirements } of asked) {
    const lacking = lackingOf(requirements, viewer.scopes);
    if (lacking) throw tooNarrow(what, lacking);
  }
}

/** Of all operations and fragments of a document together: a gateway sends one operation. */
function selectedIn(schema: GraphQLSchema, document: PreparedOperation['document']): readonly Asked[] {
  const asked = new Map<string, Asked>();
  const note = (what: string, element: unknown): void => {
    const requirements = element ? requirementsOf(element) : null;
    if (requirements && !asked.has(what)) asked.set(what, { what, requirements });
  };
  const noteType = (name: string | undefined): void => note(name ?? '', schema.getType(name ?? ''));
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: ({ name }) => {
        const parent = info.getParentType();
        const type = info.getType();
        // Roots are looked at one by one, by `guardRoots` and where subscriptions start.
        const isRoot = parent === schema.getQueryType() || parent === schema.getMutationType();
        if (!isRoot) note(`${parent?.name ?? ''}.${name.value}`, info.getFieldDef());
        if (type) noteType(getNamedType(type).name);
      },
      InlineFragment: ({ typeCondition }) => noteType(typeCondition?.name.value),
      FragmentDefinition: ({ typeCondition }) => noteType(typeCondition.name.value),
    }),
  );
  return [...asked.values()];
}
