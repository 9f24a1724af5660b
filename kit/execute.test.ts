import { newId } from './ids.ts';
import { testHop } from './testing/stores.ts';
import { testSubgraph } from './testing/subgraph.ts';
import { maker, saveWidget } from './testing/widget.ts';
import { anonymous, userViewer } from './viewer.ts';

const graph = testSubgraph(maker);
const viewer = userViewer(newId('user'));
const codesOf = (errors: readonly { extensions?: Readonly<Record<string, unknown>> }[] | undefined) =>
  errors?.map((error) => error.extensions?.['code']);

test('what goes wrong on our side is masked: a request id, and nothing of the inside', async () => {
  const { id = '' } = (await saveWidget(graph.as(viewer).context(), { name: 'broken' })) ?? {};
  const hop = testHop(viewer);
  const answer = await graph
    .running()
    .execute({ query: 'query ($id: ID!) { widget(id: $id) { name broken } }', variables: { id } }, hop);
  expect(answer).toEqual({
    data: { widget: { name: 'broken', broken: null } },
    errors: [
      {
        message: 'Something went wrong on our side.',
        path: ['widget', 'broken'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: hop.requestId },
      },
    ],
  });
});

test.each([
  ['no GraphQL', '{', undefined],
  ['nothing', '', undefined],
  ['a field that does not exist', '{ nothing }', undefined],
  ['a variable of another type', 'query ($id: ID!) { widget(id: $id) { id } }', { id: {} }],
  ['a variable that is missing', 'query ($id: ID!) { widget(id: $id) { id } }', {}],
  ['no moment as a literal', '{ echo(at: "yesterday") }', undefined],
  ['a number as a moment', '{ echo(at: 5) }', undefined],
  ['no moment as a variable', 'query ($at: DateTime!) { echo(at: $at) }', { at: '2026-02-31' }],
  ['two operations without a name', 'query A { __typename } query B { __typename }', undefined],
  [
    'NUL where the store takes none',
    'mutation { saveWidget(input: { name: "x", id: "widget_\\u0000" }) { userErrors { code } } }',
    undefined,
  ],
])('%s is a bad request, never a failure of ours', async (_, query, variables) => {
  const { errors, data } = await graph.as(viewer).run(query, variables);
  const codes =
    codesOf(errors) ??
    (data?.['saveWidget'] as { userErrors: { code: string }[] }).userErrors.map((error) => error.code);
  expect(['BAD_USER_INPUT', 'INVALID_ID']).toContain(codes[0]);
});

test('a moment goes in and comes out as ISO 8601 in UTC', async () => {
  expect(await graph.anonymously.data('{ echo(at: "2026-11-20T13:00:00+01:00") }')).toEqual({
    echo: '2026-11-20T12:00:00.000Z',
  });
});

test('an operation is chosen by its name', async () => {
  const request = { query: 'query A { a: __typename } query B { b: __typename }', operationName: 'B' };
  expect(await graph.running().execute(request, testHop())).toEqual({ data: { b: 'Query' } });
});

const SUBSCRIPTION = 'subscription ($id: ID!) { widgetSaved(id: $id) { name secret } }';
const live = (id: string, mode: 'subscribe' | { event: object }, as = viewer) =>
  graph.running().execute({ query: SUBSCRIPTION, variables: { id }, live: mode as 'subscribe' }, testHop(as));

test('a subscription is asked for its topic, and for its selection at each event', async () => {
  const { id = '' } = (await saveWidget(graph.as(viewer).context(), { name: 'live' })) ?? {};
  expect(await live(id, 'subscribe')).toEqual({ extensions: { topic: `widget:${id}` } });
  expect(await live(id, { event: { widgetId: id } })).toEqual({
    data: { widgetSaved: { name: 'live', secret: 'for the owner' } },
  });
  const stranger = userViewer(newId('user'));
  expect(await live(id, { event: { widgetId: id } }, stranger)).toEqual({
    data: { widgetSaved: { name: 'live', secret: null } },
  });
});

test('a subscription’s variables are read as any operation’s: with their defaults, and as their types', async () => {
  const { id = '' } = (await saveWidget(graph.as(viewer).context(), { name: 'default' })) ?? {};
  const ask = (query: string, variables?: Record<string, unknown>) =>
    graph.running().execute({ query, ...(variables && { variables }), live: 'subscribe' }, testHop(viewer));
  const withDefault = `subscription ($id: ID! = "${id}") { widgetSaved(id: $id) { name } }`;
  expect(await ask(withDefault)).toEqual({ extensions: { topic: `widget:${id}` } });
  expect(codesOf((await ask(withDefault, { id: null })).errors)).toEqual(['BAD_USER_INPUT']);
  expect(codesOf((await ask(SUBSCRIPTION, { id: {} })).errors)).toEqual(['BAD_USER_INPUT']);
});

test('a subscription’s rule holds at the start and at each event', async () => {
  const { id = '' } = (await saveWidget(graph.as(viewer).context(), { name: 'ruled' })) ?? {};
  for (const mode of ['subscribe', { event: { widgetId: id } }] as const) {
    expect(codesOf((await live(id, mode, anonymous)).errors)).toEqual(['UNAUTHENTICATED']);
  }
  expect(codesOf((await live(newId('widget'), 'subscribe')).errors)).toEqual(['NOT_FOUND']);
});

test('only subscriptions are live, and they are nothing else', async () => {
  expect(codesOf((await graph.as(viewer).run(SUBSCRIPTION, { id: newId('widget') })).errors)).toEqual([
    'BAD_USER_INPUT',
  ]);
  const query = { query: '{ __typename }', live: 'subscribe' } as const;
  expect(codesOf((await graph.running().execute(query, testHop(viewer))).errors)).toEqual(['BAD_USER_INPUT']);
});

test('objects are asked for by every key, and a wrong id does not fail the others', async () => {
  const { id = '' } = (await saveWidget(graph.as(viewer).context(), { name: 'entity' })) ?? {};
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Widget { id nodeId name } } }';
  const r = [{ id }, { nodeId: id }, { id: newId('widget') }, { id: newId('user') }, { id: 'x' }].map((key) => ({
    __typename: 'Widget',
    ...key,
  }));
  const { data, errors } = await graph.anonymously.run(query, { r });
  const found = { id, nodeId: id, name: 'entity' };
  expect(data?.['_entities']).toEqual([found, found, null, null, null]);
  expect(codesOf(errors)).toEqual(['WRONG_ID_TYPE', 'INVALID_ID']);
});
