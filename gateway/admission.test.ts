import { anonymous } from 'kit/viewer';
import { pino } from 'pino';
import { createAdmission } from './admission.ts';
import type { Ready } from './answer.ts';
import { createContext } from './execution/context.ts';
import { startTestGateway, type Answer } from './testing/gateway.ts';

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
  const enforced = createAdmission({ MAX_COST: 1, COST_MODE: 'enforce' }, null, log);
  expect(await enforced.admit(ready, context)).toMatchObject({
    errors: [{ extensions: { code: 'COST_LIMIT_EXCEEDED' } }],
  });
  const measured = createAdmission({ MAX_COST: 1, COST_MODE: 'measure' }, null, log);
  expect(await measured.admit(ready, context)).toBe(ready);
});
