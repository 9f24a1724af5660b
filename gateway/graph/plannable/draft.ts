import {
  Kind,
  parse,
  print,
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DefinitionNode,
  type EnumTypeDefinitionNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputObjectTypeDefinitionNode,
  type InputValueDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type ScalarTypeDefinitionNode,
  type TypeNode,
  type UnionTypeDefinitionNode,
} from 'graphql';
import { argumentOf, text } from '../composed.ts';

/** Something of a supergraph whose directives may be changed. */
export interface Drafted {
  directives?: readonly ConstDirectiveNode[] | undefined;
}

type Draftable<Node> = Omit<Node, 'directives' | 'fields' | 'values'> & Drafted;
export type DraftField = Draftable<FieldDefinitionNode>;
export type DraftInput = Draftable<InputValueDefinitionNode>;
export type DraftComposite = Draftable<ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode> & {
  readonly kind: Kind.OBJECT_TYPE_DEFINITION | Kind.INTERFACE_TYPE_DEFINITION;
  fields?: readonly DraftField[];
};
export type DraftEnum = Draftable<EnumTypeDefinitionNode> & { values?: readonly Draftable<EnumValueDefinitionNode>[] };
export type DraftInputObject = Draftable<InputObjectTypeDefinitionNode> & { fields?: readonly DraftInput[] };
export type DraftType =
  | DraftComposite
  | DraftEnum
  | DraftInputObject
  | Draftable<UnionTypeDefinitionNode>
  | Draftable<ScalarTypeDefinitionNode>;

/** A supergraph that is being changed for the planner. */
export interface Draft {
  readonly types: ReadonlyMap<string, DraftType>;
  readonly composites: ReadonlyMap<string, DraftComposite>;
  /** The types that say of themselves that they implement an interface. */
  readonly implementers: ReadonlyMap<string, readonly DraftComposite[]>;
  /** The enum that names the subgraphs. */
  readonly graphs: DraftEnum;
  readonly print: () => string;
}

/** Opens a supergraph; null where it is one of Federation 1, or none. */
export function openDraft(sdl: string): Draft | null {
  const document = parse(sdl, { noLocation: true });
  const types = new Map<string, DraftType>();
  const composites = new Map<string, DraftComposite>();
  const implementers = new Map<string, DraftComposite[]>();
  for (const definition of document.definitions) {
    if (!isType(definition)) continue;
    types.set(definition.name.value, definition);
    if (!isComposite(definition)) continue;
    composites.set(definition.name.value, definition);
    for (const name of interfacesOf(definition))
      implementers.set(name, [...(implementers.get(name) ?? []), definition]);
  }
  const graphs = types.get('join__Graph');
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION || !hasJoinImplements(document.definitions)) return null;
  return { types, composites, implementers, graphs, print: () => print(document) };
}

const isType = (definition: DefinitionNode): definition is DefinitionNode & DraftType =>
  definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
  definition.kind === Kind.INTERFACE_TYPE_DEFINITION ||
  definition.kind === Kind.UNION_TYPE_DEFINITION ||
  definition.kind === Kind.ENUM_TYPE_DEFINITION ||
  definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ||
  definition.kind === Kind.SCALAR_TYPE_DEFINITION;

export const isComposite = (type: DraftType | undefined): type is DraftComposite =>
  type?.kind === Kind.OBJECT_TYPE_DEFINITION || type?.kind === Kind.INTERFACE_TYPE_DEFINITION;

const hasJoinImplements = (definitions: readonly DefinitionNode[]): boolean =>
  definitions.some(
    (definition) => definition.kind === Kind.DIRECTIVE_DEFINITION && definition.name.value === 'join__implements',
  );

export const fieldOf = (type: DraftComposite | undefined, name: string): DraftField | undefined =>
  type?.fields?.find((field) => field.name.value === name);

export const interfacesOf = ({ interfaces = [] }: DraftComposite): readonly string[] =>
  interfaces.map(({ name }) => name.value);

export const typeNameIn = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : typeNameIn(type.type);

/** The directives of a name, in one subgraph or in all. */
export const joined = (node: Drafted, name: string, graph?: string): readonly ConstDirectiveNode[] =>
  (node.directives ?? []).filter(
    (directive) => directive.name.value === name && (graph === undefined || graphIn(directive) === graph),
  );

export const graphIn = (directive: ConstDirectiveNode): string | undefined => text(argumentOf(directive, 'graph'));

export const isSaid = (directive: ConstDirectiveNode, name: string): boolean => {
  const said = argumentOf(directive, name);
  return said?.kind === Kind.BOOLEAN && said.value;
};

export const nameNode = (value: string) => ({ kind: Kind.NAME, value }) as const;
export const enumNode = (value: string): ConstValueNode => ({ kind: Kind.ENUM, value });
export const stringNode = (value: string): ConstValueNode => ({ kind: Kind.STRING, value });
export const TRUE: ConstValueNode = { kind: Kind.BOOLEAN, value: true };

export const directiveNode = (name: string, given: Readonly<Record<string, ConstValueNode>>): ConstDirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: nameNode(name),
  arguments: Object.entries(given).map(([key, value]) => argumentNode(key, value)),
});

/** The directive with another value for one of its arguments. */
export const withArgument = (
  directive: ConstDirectiveNode,
  name: string,
  value: ConstValueNode,
): ConstDirectiveNode => ({
  ...directive,
  arguments: (directive.arguments ?? []).map((one) => (one.name.value === name ? argumentNode(name, value) : one)),
});

const argumentNode = (name: string, value: ConstValueNode): ConstArgumentNode => ({
  kind: Kind.ARGUMENT,
  name: nameNode(name),
  value,
});
