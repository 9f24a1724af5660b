import { readFileSync } from 'node:fs';
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

test('a budget that the costliest operation does not fit is refused', () => {
  expect(() => gatewaySettings({ RATE_ANONYMOUS_COST: '100' })).toThrow(/MAX_COST.*RATE_ANONYMOUS_COST/);
});

test('an address of the environment goes before the supergraph’s', () => {
  const environment = { SUBGRAPH_MY_BOOKS_URL: 'http://elsewhere/graphql', SUBGRAPH_PEOPLE_URL: '' };
  expect(subgraphUrl('my-books', 'http://here/graphql', environment)).toBe('http://elsewhere/graphql');
  expect(subgraphUrl('people', 'http://here/graphql', environment)).toBe('http://here/graphql');
});

test.each(['nonsense', 'localhost:4001/graphql', 'ws://here/graphql', 'http://'])(
  'a subgraph’s address "%s" is refused by its variable’s name',
  (address) => {
    const read = () => subgraphUrl('people', 'http://here/graphql', { SUBGRAPH_PEOPLE_URL: address });
    expect(read).toThrow(/^SUBGRAPH_PEOPLE_URL: must be a URL that begins with http:\/\/ or https:\/\/$/);
  },
);

test('docs/gateway.md has every setting, with its default, and no other', () => {
  const docs = readFileSync(new URL('../docs/gateway.md', import.meta.url), 'utf8');
  const rows = [...docs.matchAll(/^\| `([A-Z_]+)` +\| (.*?) +\|/gm)].map(([, name = '', value = '']) => [name, value]);
  const documented = Object.fromEntries(rows) as Record<string, string>;
  const settings: Record<string, unknown> = gatewaySettings({});
  const names = Object.keys(settings).filter((name) => /^[A-Z_]+$/.test(name));
  // What has no default is not in the result at all.
  const optional = [
    'INTROSPECTION',
    'JWKS_URL',
    'JWT_AUDIENCE',
    'JWT_ISSUER',
    'RATE_ADDRESS_REQUESTS',
    'SUPERGRAPH_AUTHORIZATION',
    'TELEMETRY',
  ];
  expect(Object.keys(documented).sort()).toEqual([...new Set([...names, ...optional])].sort());
  for (const [name, value] of Object.entries(settings)) {
    const isPlain = typeof value === 'number' || (typeof value === 'string' && value !== '');
    if (isPlain && /^[A-Z_]+$/.test(name)) expect([name, documented[name]]).toEqual([name, `\`${value}\``]);
  }
});
