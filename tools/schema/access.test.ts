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

const SCOPED = `type Post @key(fields: "id") @requiresScopes(scopes: [["posts:read"]]) {
  id: ID!
  views: Int @requiresScopes(scopes: [["a", "b"], ["c"]])
}
type Query { post: Post }`;

test('a field takes its own scopes, those of its type, and those of the type it leads to', () => {
  const matrix = accessMatrix([aSource('content', SCOPED)]);
  expect(matrix['Post.id']?.scopes).toEqual(['posts:read']);
  expect(matrix['Post.views']?.scopes).toEqual(['posts:read', 'a + b | c']);
  expect(matrix['Query.post']?.scopes).toEqual(['posts:read']);
});

test('a type that takes scopes in one subgraph and none in another stops the pipeline', () => {
  const open = aSource('search', 'type Post @key(fields: "id") { id: ID! score: Int }');
  expect(() => accessMatrix([aSource('content', SCOPED), open])).toThrow(
    /^search: Post.id takes other scopes than in content/,
  );
  const closed = 'type Post @key(fields: "id") @requiresScopes(scopes: [["posts:read"]]) { id: ID! score: Int }';
  expect(accessMatrix([aSource('content', SCOPED), aSource('search', closed)])['Post.score']?.scopes).toEqual([
    'posts:read',
  ]);
});
