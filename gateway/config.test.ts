import { gatewaySettings, subgraphUrl } from './config.ts';

test('an empty environment gives the documented defaults', () => {
  expect(gatewaySettings({})).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 4000,
    MAX_DEPTH: 12,
    MAX_INTROSPECTION_DEPTH: 15,
    BODY_LIMIT_BYTES: 262_144,
    ALLOWED_ORIGINS: [],
    HOP_SECRET: null,
    REDIS_URL: null,
    isProduction: false,
    isIntrospectable: true,
  });
});

test('production hides the schema unless it is told to show it', () => {
  expect(gatewaySettings({ NODE_ENV: 'production' }).isIntrospectable).toBe(false);
  expect(gatewaySettings({ NODE_ENV: 'production', INTROSPECTION: 'true' }).isIntrospectable).toBe(true);
  expect(gatewaySettings({ INTROSPECTION: 'false' }).isIntrospectable).toBe(false);
});

test('lists are split and trimmed', () => {
  expect(gatewaySettings({ ALLOWED_ORIGINS: ' https://a.example, ,https://b.example' }).ALLOWED_ORIGINS).toEqual([
    'https://a.example',
    'https://b.example',
  ]);
});

test('every wrong variable is named', () => {
  const wrong = () => gatewaySettings({ PORT: '70000', MAX_DEPTH: '0', HOP_SECRET: 'short', NODE_ENV: 'staging' });
  for (const name of ['PORT', 'MAX_DEPTH', 'HOP_SECRET', 'NODE_ENV']) expect(wrong).toThrow(name);
});

test('an address of the environment goes before the supergraph’s', () => {
  const environment = { SUBGRAPH_MY_BOOKS_URL: 'http://elsewhere/graphql', SUBGRAPH_PEOPLE_URL: '' };
  expect(subgraphUrl('my-books', 'http://here/graphql', environment)).toBe('http://elsewhere/graphql');
  expect(subgraphUrl('people', 'http://here/graphql', environment)).toBe('http://here/graphql');
});
