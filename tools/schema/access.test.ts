import { accessMatrix } from './access.ts';
import { type SchemaSource, SchemaProblem } from './definition.ts';
import { aSource } from './testing.ts';

const anyone = { name: 'anyone', allows: ['anonymous', 'stranger', 'owner'] };
const owner = { name: 'the owner', allows: ['owner'] };

const ruled = (source: SchemaSource, rules: NonNullable<SchemaSource['rules']>): SchemaSource => ({ ...source, rules });

const users = ruled(
  aSource('users', 'type User @key(fields: "id") { id: ID! email: String }\ntype Query { user(id: ID!): User }'),
  { Query: { user: anyone }, User: { email: owner } },
);

test('a field has the roles of its rule, or is for whoever sees the object', () => {
  expect(accessMatrix([users])).toEqual({
    'Query.user': { subgraphs: ['users'], rule: 'anyone', allows: ['anonymous', 'stranger', 'owner'] },
    'User.email': { subgraphs: ['users'], rule: 'the owner', allows: ['owner'] },
    'User.id': { subgraphs: ['users'], rule: 'everyone who may see the object', allows: ['viewers'] },
  });
});

test('stubs and external fields are others’, what several subgraphs answer names them all', () => {
  const stub = aSource('content', 'type User @key(fields: "id", resolvable: false) { id: ID! }');
  const entity = aSource('insights', 'type User @key(fields: "id") { id: ID! email: String @external mood: String }');
  const matrix = accessMatrix([users, stub, entity]);
  expect(matrix['User.id']?.subgraphs).toEqual(['users', 'insights']);
  expect(matrix['User.email']?.subgraphs).toEqual(['users']);
  expect(matrix['User.mood']?.subgraphs).toEqual(['insights']);
});

test('one field with two rules is a way around the stricter one, and stops the pipeline', () => {
  const leaky = aSource('search', 'type User @key(fields: "id") { id: ID! email: String @shareable }');
  const problem = /^search: User.email is for everyone who may see the object, but for the owner in users$/;
  expect(() => accessMatrix([users, leaky])).toThrow(problem);
  expect(() => accessMatrix([users, leaky])).toThrow(SchemaProblem);
});

test('a root field without a rule is for nobody', () => {
  const bare = aSource('content', 'type Query { post: String }');
  expect(accessMatrix([bare])).toEqual({ 'Query.post': { subgraphs: ['content'], rule: 'none', allows: [] } });
});
