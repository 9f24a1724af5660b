import { graphql } from 'graphql';
import { defineFeature } from './feature.ts';
import { newId } from './ids.ts';
import { anyone, defineRule, defineRules, signedIn, signedInUnverified } from './rules.ts';
import { defineSubgraph } from './subgraph.ts';
import { testSubgraph } from './testing/subgraph.ts';
import { maker, saveWidget } from './testing/widget.ts';
import { gatewayViewer, systemViewer, userViewer } from './viewer.ts';

const typeDefs = `
  "x" type Thing { "x" id: ID! }
  extend type Query { "x" things: [Thing!]! "x" thing: Thing }
  extend type Mutation { "x" makeThing: Thing }
  extend type Subscription { "x" thingMade: Thing }
`;
const complete = {
  Query: { things: anyone, thing: anyone },
  Mutation: { makeThing: signedIn },
  Subscription: { thingMade: anyone },
};
const defined = (rules: object) => () =>
  defineSubgraph({
    name: 'things',
    features: [defineFeature({ name: 'thing', typeDefs, rules: defineRules(rules as typeof complete) })],
  });

test('a subgraph whose root fields all have a rule is defined', () => {
  expect(defined(complete)().name).toBe('things');
});

test.each([
  ['Query.thing', { ...complete, Query: { things: anyone } }],
  ['Mutation.makeThing', { ...complete, Mutation: {} }],
  ['Subscription.thingMade', { Query: complete.Query, Mutation: complete.Mutation }],
])('without a rule for %s there is no subgraph', (field, rules) => {
  expect(defined(rules)).toThrow(`${field} has no rule`);
});

test.each([
  ['Query.nothing', { ...complete, Query: { ...complete.Query, nothing: anyone } }],
  ['Thing.nothing', { ...complete, Thing: { nothing: anyone } }],
  ['Nothing.id', { ...complete, Nothing: { id: anyone } }],
])('a rule for %s, which does not exist, is a mistake that is told', (field, rules) => {
  expect(defined(rules)).toThrow(`a rule names ${field}, which does not exist`);
});

test('two features cannot rule one field, nor declare it', () => {
  const thing = defineFeature({ name: 'thing', typeDefs, rules: complete });
  const other = defineFeature({ name: 'other', rules: { Query: { thing: signedIn } } });
  expect(() => defineSubgraph({ name: 'things', features: [thing, other] })).toThrow('two features rule Query.thing');
  const again = defineFeature({ name: 'again', typeDefs: 'extend type Query { "x" thing: ID }' });
  expect(() => defineSubgraph({ name: 'things', features: [thing, again] })).toThrow(/thing/);
});

const graph = testSubgraph(maker);
const owner = userViewer(newId('user'));
const codeOf = async (viewer: Parameters<typeof graph.as>[0], query: string) =>
  (await graph.as(viewer).run(query)).errors?.[0]?.extensions?.['code'];

test('who may not ask is told whether to sign in', async () => {
  expect((await graph.anonymously.run('{ forAdmins }')).errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  for (const viewer of [owner, userViewer(newId('user'), 'moderator'), gatewayViewer, systemViewer]) {
    expect(await codeOf(viewer, '{ forAdmins }')).toBe('FORBIDDEN');
  }
  expect(await graph.as(userViewer(newId('user'), 'admin')).data('{ forAdmins }')).toEqual({
    forAdmins: 'for administrators',
  });
});

test('whoever has not confirmed who they are reads and does not write, unless the rule says so', async () => {
  const write = 'mutation { saveWidget(input: { name: "unconfirmed" }) { userErrors { code } } }';
  const unconfirmed = { ...owner, isUnverified: true };
  expect(await codeOf(unconfirmed, write)).toBe('EMAIL_UNVERIFIED');
  expect(await codeOf(unconfirmed, '{ __typename }')).toBeUndefined();
  expect(await codeOf(owner, write)).toBeUndefined();
  const ruled = (rule: typeof signedIn) =>
    defineSubgraph({
      name: 'things',
      features: [
        defineFeature({
          name: 'thing',
          typeDefs,
          rules: defineRules({ ...complete, Mutation: { makeThing: rule } }),
          resolvers: { Mutation: { makeThing: () => ({ id: 'made' }) } },
        }),
      ],
    }).schema;
  const make = (rule: typeof signedIn) =>
    graphql({
      schema: ruled(rule),
      source: 'mutation { makeThing { id } }',
      contextValue: { viewer: unconfirmed },
    });
  expect((await make(signedInUnverified)).data).toMatchObject({ makeThing: { id: 'made' } });
  expect((await make(signedIn)).errors?.[0]?.extensions['code']).toBe('EMAIL_UNVERIFIED');
});

test('a rule holds under an alias and inside a fragment, each time', async () => {
  const { data, errors } = await graph.anonymously.run(
    '{ one: forAdmins ...F } fragment F on Query { two: forAdmins }',
  );
  expect(data).toEqual({ one: null, two: null });
  expect(errors).toHaveLength(2);
});

test('a field that not everyone sees is null to the rest, by every door', async () => {
  const { id = '' } = (await saveWidget(graph.as(owner).context(), { name: 'ruled' })) ?? {};
  const query = 'query ($id: ID!) { widget(id: $id) { name secret } }';
  expect(await graph.as(owner).data(query, { id })).toEqual({ widget: { name: 'ruled', secret: 'for the owner' } });
  expect(await graph.as(owner).entity('Widget', id, 'secret')).toEqual({ secret: 'for the owner' });
  for (const asking of [
    graph.anonymously,
    graph.as(userViewer(newId('user'))),
    graph.as(userViewer(newId('user'), 'admin')),
  ]) {
    expect(await asking.data(query, { id })).toEqual({ widget: { name: 'ruled', secret: null } });
    expect(await asking.entity('Widget', id, 'secret')).toEqual({ secret: null });
  }
});

test('a rule says whom it lets through in the words of the matrix', () => {
  expect(defineRule('x', ['owner'], () => true)).toMatchObject({ name: 'x', allows: ['owner'] });
  expect(anyone.allows).toContain('anonymous');
  expect(signedIn.allows).not.toContain('anonymous');
});
