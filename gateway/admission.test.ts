import { until } from 'kit/testing/until';
import { anonymous } from 'kit/viewer';
import { pino } from 'pino';
import { createAdmission } from './admission.ts';
import type { Ready } from './answer.ts';
import { createContext } from './execution/context.ts';
import { sha256 } from './documents/normal-form.ts';
import { hooksWith, startTestGateway, type Answer } from './testing/gateway.ts';
import { createTestGraph } from './testing/graph.ts';
import { connect } from './testing/subscriber.ts';

const BOOK = 'query Dear { book(id: 1) { writer { name } } }';

/** What a query over every limit of cost meets, and what is told of it. */
async function askIn(COST_MODE: string) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]) });
  const environment = { COST_MODE, MAX_COST: '1', RATE_LIMITS: 'on', RATE_ANONYMOUS_COST: '1' };
  const gateway = await startTestGateway({ environment, overrides: { logger } });
  const answers: Answer[] = [await gateway.query(BOOK), await gateway.query(BOOK)];
  const metrics = await (await fetch(`${gateway.origin}/metrics`)).text();
  await gateway.stop();
  const told = lines.filter(({ operation }) => operation === 'Dear').map(({ cost, limit }) => [cost, limit]);
  return { answers, told, measured: /^gateway_operation_cost_count (\d+)/m.exec(metrics)?.[1] };
}

test('COST_MODE=enforce refuses what costs too much and says by how much', async () => {
  const { answers, told, measured } = await askIn('enforce');
  for (const { status, errors } of answers) {
    expect(status).toBe(400);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'COST_LIMIT_EXCEEDED', measured: 2, limit: 1 });
  }
  expect([told, measured]).toEqual([[], '0']);
});

test('what costs too much whatever is asked of it is not planned', async () => {
  let planned = 0;
  const plugins = [{ name: 'plans', onPlan: () => void planned++ }];
  const hooks = { ...hooksWith(new Set()), plugins };
  const gateway = await startTestGateway({ environment: { MAX_COST: '1' }, overrides: { hooks } });
  const before = planned;
  expect((await gateway.query(BOOK)).errors?.[0]?.extensions['code']).toBe('COST_LIMIT_EXCEEDED');
  expect(planned - before).toBe(0);
  expect((await gateway.query('{ book(id: 1) { title } }')).errors).toBeUndefined();
  expect(planned - before).toBe(1);
  await gateway.stop();
});

test('COST_MODE=measure lets it pass, budgets too, and tells of it', async () => {
  const { answers, told, measured } = await askIn('measure');
  for (const { status, data, headers } of answers) {
    expect([status, data]).toEqual([200, { book: { writer: { name: 'Jane' } } }]);
    expect(headers.get('ratelimit')).toContain('"cost";r=1');
  }
  const over = [2, 1];
  expect([told, measured]).toEqual([[over, over], '2']);
});

test('a cost beyond all numbers is refused, and where it is measured, passes too', async () => {
  const ready = { operation: { cost: () => Infinity, node: {} }, variables: { values: {} } } as unknown as Ready;
  const context = createContext(anonymous, 'request-1', { address: '', userAgent: '' });
  const log = pino({ level: 'silent' });
  const admissionIn = (COST_MODE: 'enforce' | 'measure') =>
    createAdmission({
      settings: { MAX_COST: 1, COST_MODE, MAX_RUNNING_OPERATIONS: 1 },
      limiter: null,
      running: () => 0,
      log,
    });
  const enforced = admissionIn('enforce');
  expect(await enforced.admit(ready, context, false)).toMatchObject({
    errors: [{ extensions: { code: 'COST_LIMIT_EXCEEDED' } }],
  });
  const measured = admissionIn('measure');
  expect(await measured.admit(ready, context, false)).toBe(ready);
});

test('beyond MAX_RUNNING_OPERATIONS queries and mutations are refused at once, until one has ended', async () => {
  const { library, people } = createTestGraph().subgraphs;
  const held = Promise.withResolvers<void>();
  let asked = 0;
  const slow: typeof library = async (request, hop) => {
    asked++;
    await held.promise;
    return library(request, hop);
  };
  const close = () => Promise.resolve();
  const gateway = await startTestGateway({
    environment: { MAX_RUNNING_OPERATIONS: '2', RATE_LIMITS: 'on', RATE_ANONYMOUS_REQUESTS: '4' },
    overrides: { transports: { library: { send: slow, close }, people: { send: people, close } } },
  });
  const running = [gateway.query('{ book(id: 1) { title } }'), gateway.query('{ book(id: 2) { title } }')];
  await until('two run', () => asked === 2);

  const extensions = { code: 'OVERLOADED', retryAfterSeconds: 1 };
  const refused = await gateway.query('{ me }');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(refused.errors).toMatchObject([{ extensions }]);
  const mutation = await gateway.query('mutation { renameBook(id: 1, title: "x") { id } }');
  expect([mutation.status, mutation.errors?.[0]?.extensions]).toMatchObject([503, extensions]);
  const client = connect(gateway);
  expect(await client.subscribe('{ me }').refused).toMatchObject([{ extensions }]);
  expect(asked).toBe(2);
  const metrics = await (await fetch(`${gateway.origin}/metrics`)).text();
  expect(/^gateway_limits_hit_total\{code="OVERLOADED"\} (\d+)/m.exec(metrics)?.[1]).toBe('3');

  held.resolve();
  for (const { status, errors } of await Promise.all(running)) expect([status, errors]).toEqual([200, undefined]);
  // Of the four requests a minute the refused ones have used none.
  expect((await gateway.query('{ me }')).data).toEqual({ me: 'anonymous' });
  expect((await gateway.query('{ me }')).data).toEqual({ me: 'anonymous' });
  expect((await gateway.query('{ me }')).status).toBe(429);
  client.dispose();
  await gateway.stop();
});

/** One request a minute for whoever is not signed in; how many operations are planned. */
async function startFrugal(environment: Record<string, string> = {}) {
  let planned = 0;
  const gateway = await startTestGateway({
    environment: { RATE_LIMITS: 'on', RATE_ANONYMOUS_REQUESTS: '1', ...environment },
    overrides: { hooks: { ...hooksWith(new Set()), plugins: [{ name: 'counts', onPlan: () => void planned++ }] } },
  });
  return { gateway, planned: () => planned };
}

test('who has used up their requests has nothing planned, and no document registered', async () => {
  const { gateway, planned } = await startFrugal();
  expect((await gateway.query('{ me }')).status).toBe(200);
  for (let n = 0; n < 5; n++) expect((await gateway.query(`{ a${n}: me }`)).status).toBe(429);
  const query = '{ other: me }';
  const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };
  expect((await gateway.post(JSON.stringify({ query, extensions }))).status).toBe(429);
  expect(planned()).toBe(1);
  const asked = await gateway.post(JSON.stringify({ extensions }), { authorization: 'Bearer user_a' });
  expect(await asked.text()).toContain('PERSISTED_QUERY_NOT_FOUND');
  await gateway.stop();
});

test('a text that is new counts once, with its cost; so does one that is refused', async () => {
  const { gateway } = await startFrugal({ RATE_ANONYMOUS_REQUESTS: '5', RATE_ANONYMOUS_COST: '4000' });
  const remaining = ({ headers }: Answer) =>
    /r=(\d+);t=\d+, "cost";r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.slice(1);
  expect(remaining(await gateway.query(BOOK))).toEqual(['4', '3998']);
  expect(remaining(await gateway.query(BOOK))).toEqual(['3', '3996']);
  expect(remaining(await gateway.query('{ nothing }'))).toEqual(['2', '3996']);
  expect(remaining(await gateway.query('{ book(id: "1", id: "2") { id } }'))).toEqual(['1', '3996']);
  await gateway.stop();
});

test('credentials that do not hold are limited by address, beside those who bring none', async () => {
  const { gateway } = await startFrugal({ RATE_SIGNED_IN_REQUESTS: '3' });
  const statuses: number[] = [];
  for (let n = 0; n < 5; n++) statuses.push((await gateway.query('{ me }', { as: `guess_${n}` })).status);
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
  expect((await gateway.query('{ me }')).status).toBe(200);
  expect((await gateway.query('{ me }', { as: 'user_a' })).status).toBe(200);
  await gateway.stop();
});
