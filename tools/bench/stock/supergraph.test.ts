import { readFileSync } from 'node:fs';
import { ApolloGateway } from '@apollo/gateway';
import { parse, type FieldDefinitionNode, type ObjectTypeDefinitionNode } from 'graphql';
import { withoutEnforced } from './supergraph.ts';

const sdl = readFileSync(new URL('../../../schema/supergraph.graphql', import.meta.url), 'utf8');
const load = async (supergraphSdl: string) => {
  const gateway = new ApolloGateway({ supergraphSdl, logger: quiet });
  const { schema } = await gateway.load();
  await gateway.stop();
  return schema;
};
const nothing = (): void => undefined;
const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing };

test('a stock gateway starts with our supergraph once what it cannot enforce is taken out, and with every field', async () => {
  await expect(load(sdl)).rejects.toThrow(/requiresScopes/);
  const schema = await load(withoutEnforced(sdl));
  const query = parse(sdl).definitions.find((one) => one.kind === 'ObjectTypeDefinition' && one.name.value === 'Query');
  const fields = (query as ObjectTypeDefinitionNode).fields ?? [];
  const isOpen = ({ directives = [] }: FieldDefinitionNode) =>
    directives.every(({ name }) => name.value !== 'inaccessible');
  const names = fields.filter(isOpen).map(({ name }) => name.value);
  expect(names.length).toBeGreaterThan(10);
  expect(Object.keys(schema.getQueryType()?.getFields() ?? {}).sort()).toEqual(names.sort());
});
