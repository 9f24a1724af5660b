import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse } from 'graphql';
import { createLogger } from 'kit/logger';
import type { SubgraphResponse } from 'kit/request';
import { gatewaySettings } from '../config.ts';
import { compose, LINK } from '../conformance/testing/federation.ts';
import { createGateway, type RunningGateway } from '../gateway.ts';
import { inProcess } from '../transport/in-process.ts';

/** Each field says which subgraph has answered it. */
const typeDefs = {
  old: `${LINK}
    type Query { tickets: [Ticket!]!  half: String }
    type Ticket @key(fields: "id") { id: ID!  price: String  seat: String  row: String }
  `,
  fresh: `${LINK}
    type Query { half: String @override(from: "old", label: "percent(50)") }
    type Ticket @key(fields: "id") {
      id: ID!
      price: String @override(from: "old", label: "percent(25)")
      seat: String @override(from: "old", label: "percent(0.0)")
      row: String @override(from: "old", label: "new-rows")
    }
  `,
};

const parts = Object.fromEntries(Object.entries(typeDefs).map(([name, text]) => [name, { typeDefs: text }]));
const transports = Object.fromEntries(Object.entries(typeDefs).map(([name, text]) => [name, subgraph(name, text)]));

function subgraph(name: string, text: string) {
  const resolvers = {
    Ticket: {
      __resolveReference: (given: object) => given,
      id: ({ id }: { id: string }) => id,
    },
    ...(name === 'old' ? { Query: { tickets: () => [{ id: 't' }] } } : {}),
  };
  const schema = buildSubgraphSchema([{ typeDefs: parse(text), resolvers }]);
  return inProcess(async ({ query, variables = {} }) => {
    const document = parse(query);
    const answer = await execute({ schema, document, variableValues: { ...variables }, fieldResolver: () => name });
    return answer as unknown as SubgraphResponse;
  });
}

let gateway: RunningGateway;
async function start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  gateway = await createGateway({
    supergraphSdl: compose(parts),
    transports,
    settings: gatewaySettings({ NODE_ENV: 'test', LOG_LEVEL: 'silent', RATE_LIMITS: 'off', ...environment }),
    logger: createLogger('overrides', 'silent'),
    redisUrl: null,
    port: 0,
  });
}
afterEach(() => gateway.stop());

async function ask(query: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(gateway.url, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

/** How many of these requests have each answer. */
async function tally(count: number, query: string): Promise<ReadonlyMap<string, number>> {
  const answers = new Map<string, number>();
  for (let asked = 0; asked < count; asked++) {
    const answer = JSON.stringify(await ask(query));
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  return answers;
}

test('each request draws its own share', async () => {
  await start();
  const answers = await tally(400, '{ half }');
  expect([...answers.keys()].sort()).toEqual(['{"half":"fresh"}', '{"half":"old"}']);
  // Fifty in a hundred: further away than eight standard deviations is no chance.
  expect(Math.abs((answers.get('{"half":"old"}') ?? 0) - 200)).toBeLessThan(80);
});

test('labels are drawn apart from one another, each once for a whole request', async () => {
  await start();
  const apart = await tally(200, '{ half tickets { price } }');
  expect(apart.size).toBe(4);
  const answers = await tally(300, '{ tickets { price again: price } }');
  const both = (owner: string) => JSON.stringify({ tickets: [{ price: owner, again: owner }] });
  expect([...answers.keys()].sort()).toEqual([both('fresh'), both('old')]);
  expect(answers.get(both('fresh'))).toBeLessThan(answers.get(both('old')) ?? 0);
});

test('a share of none, and a label that nobody holds, leave a field where it was', async () => {
  await start();
  expect([...(await tally(20, '{ tickets { seat row } }'))]).toEqual([
    ['{"tickets":[{"seat":"old","row":"old"}]}', 20],
  ]);
});

test('a label that is held moves its fields', async () => {
  await start({ OVERRIDE_LABELS: 'other, new-rows' });
  expect(await ask('{ tickets { seat row } }')).toEqual({ tickets: [{ seat: 'old', row: 'fresh' }] });
});
