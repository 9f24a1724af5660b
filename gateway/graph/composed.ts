import { Kind, type ConstDirectiveNode, type GraphQLSchema, type ValueNode } from 'graphql';

/** A type or field of a supergraph, as far as its directives go. */
export interface Directed {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] } | null | undefined;
}

/**
 * What a directive is called in a supergraph; null where it is not composed in. Its @link says so: by importing it, perhaps
 * under another name, or by linking a specification that is called like it.
 */
export function nameInSupergraph(supergraphSchema: GraphQLSchema, directive: string): string | null {
  const links = supergraphSchema.astNode?.directives ?? [];
  for (const link of links) {
    if (link.name.value !== 'link') continue;
    const imported = importedAs(argumentOf(link, 'import'), `@${directive}`);
    if (imported) return imported.slice(1);
    if (specOf(text(argumentOf(link, 'url'))) === directive) return text(argumentOf(link, 'as')) ?? directive;
  }
  return null;
}

/** The directives of this name that stand on a type or field. */
export const appliedTo = (element: Directed | undefined, name: string | null): readonly ConstDirectiveNode[] =>
  name === null ? [] : (element?.astNode?.directives ?? []).filter((directive) => directive.name.value === name);

export const argumentOf = (directive: ConstDirectiveNode, name: string): ValueNode | undefined =>
  directive.arguments?.find((argument) => argument.name.value === name)?.value;

/** The word a value is, whether it is written as a string or as an enum's. */
export const text = (value: ValueNode | undefined): string | undefined =>
  value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;

/** `https://specs.example/cacheControl/v1.0` is the specification `cacheControl`. */
const specOf = (url: string | undefined): string | undefined =>
  url?.split('/').findLast((part) => part !== '' && !/^v\d+(?:\.\d+)*$/.test(part));

function importedAs(imports: ValueNode | undefined, name: string): string | null {
  if (imports?.kind !== Kind.LIST) return null;
  for (const entry of imports.values) {
    if (text(entry) === name) return name;
    if (entry.kind !== Kind.OBJECT) continue;
    const field = (of: string): string | undefined =>
      text(entry.fields.find((candidate) => candidate.name.value === of)?.value);
    if (field('name') === name) return field('as') ?? name;
  }
  return null;
}
