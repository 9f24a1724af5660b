import { Kind, parse, type ConstDirectiveNode } from 'graphql';

export interface SubgraphAddress {
  readonly name: string;
  readonly url: string;
}

/** The subgraphs a supergraph names in `join__Graph`, with their routing URLs. Throws where it is no supergraph. */
export function subgraphsOf(supergraphSdl: string): readonly SubgraphAddress[] {
  const graphs = parse(supergraphSdl, { noLocation: true }).definitions.find(
    (definition) => definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph',
  );
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) throw new Error('the file is no supergraph: it has no join__Graph');
  return (graphs.values ?? []).flatMap(({ directives }) => {
    const directive = directives?.find(({ name }) => name.value === 'join__graph');
    return directive ? [{ name: argumentOf(directive, 'name'), url: argumentOf(directive, 'url') }] : [];
  });
}

function argumentOf(directive: ConstDirectiveNode, name: string): string {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : '';
}
