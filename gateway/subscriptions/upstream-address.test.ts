import { createUpstreamOf } from './upstream-address.ts';

const subgraph = { name: 'my-prices', url: 'https://prices.example/graphql' };

test.each([
  ['unsigned ones serve graphql-ws', false, {}, { kind: 'graphql-ws', url: 'wss://prices.example/graphql' }],
  ['signed ones send events', true, {}, null],
  [
    'SSE at the subgraph’s own URL',
    true,
    { SUBGRAPH_MY_PRICES_SUBSCRIPTIONS: 'sse', SUBGRAPH_MY_PRICES_URL: 'http://10.0.0.1/' },
    { kind: 'sse', url: 'http://10.0.0.1/' },
  ],
  [
    'a URL of their own',
    false,
    { SUBGRAPH_MY_PRICES_SUBSCRIPTIONS_URL: 'ws://10.0.0.1:9/live' },
    { kind: 'graphql-ws', url: 'ws://10.0.0.1:9/live' },
  ],
  [
    'no fragment, with which no socket can be made',
    false,
    { SUBGRAPH_MY_PRICES_SUBSCRIPTIONS_URL: 'ws://10.0.0.1:9/live#prices' },
    { kind: 'graphql-ws', url: 'ws://10.0.0.1:9/live' },
  ],
  ['events by choice', false, { SUBGRAPH_MY_PRICES_SUBSCRIPTIONS: 'events' }, null],
])('%s', (_name, isSigned, environment, expected) => {
  expect(createUpstreamOf(isSigned, environment)(subgraph)).toEqual(expected);
});

test('a kind that is none stops the start and names itself', () => {
  expect(() => createUpstreamOf(false, { SUBGRAPH_A_SUBSCRIPTIONS: 'carrier-pigeon' })).toThrow(
    'SUBGRAPH_A_SUBSCRIPTIONS',
  );
});

test.each([
  ['foo', {}],
  ['localhost:4001', {}],
  ['ftp://prices.example', {}],
  ['ws://prices.example/live', { SUBGRAPH_A_SUBSCRIPTIONS: 'sse' }],
])('the URL "%s" stops the start and names its variable', (url, environment) => {
  const start = () => createUpstreamOf(true, { ...environment, SUBGRAPH_A_SUBSCRIPTIONS_URL: url });
  expect(start).toThrow(/^SUBGRAPH_A_SUBSCRIPTIONS_URL: must be a URL that begins with/);
});
