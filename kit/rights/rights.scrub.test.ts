import type { Client } from 'pg';
import { systemViewer } from '../viewer.ts';
import { defineFeature } from '../feature.ts';
import { newId, toUuid } from '../ids.ts';
import { defineJob } from '../jobs.ts';
import type { RunningSubgraph } from '../running.ts';
import { defineSubgraph } from '../subgraph.ts';
import { testStores } from '../testing/stores.ts';
import { until } from '../testing/until.ts';
import type { Mode } from './rights.ts';
import { kitScrubs } from './rights.scrub.ts';

const mail = defineJob<{ to: string }>('keeper.mail', () => Promise.reject(new Error('nobody is there')));
const keeper = defineSubgraph({ name: 'keeper', features: [defineFeature({ name: 'keeper', jobs: [mail] })] });

const stores = testStores();
let running: RunningSubgraph;
let store: Client;

beforeAll(async () => {
  running = await stores.start(keeper);
  store = await stores.client(keeper);
});

const scrub = async (name: string, id: string, mode: Mode = 'ERASE', by = running): Promise<number | undefined> =>
  by.contextFor(systemViewer).change(async (tx) =>
    kitScrubs('keeper')
      .find((step) => step.name === name)
      ?.run(tx, { id, uuid: toUuid(id), mode }),
  );
const jobsWith = async (id: string) =>
  (
    await store.query<{ name: string; state: string }>(
      `select name, state::text from job.job where job::text like $1 order by name`,
      [`%${id}%`],
    )
  ).rows;

test('of a person’s jobs those that wait stay, and of the others nothing, given up or not', async () => {
  const [gone, other] = [newId('user'), newId('user')];
  await running.contextFor(systemViewer).change(async (tx) => {
    for (const to of [gone, other]) await tx.enqueue(mail, { to }, { singletonKey: `letter to ${to}` });
    await tx.enqueue(mail, { to: gone }, { startAfterSeconds: 3600 });
  });
  await until('both are given up', async () => {
    await store.query(`update job.job set start_after = now() where state = 'retry'`);
    return (await jobsWith(gone)).length === 3 && (await jobsWith(other)).length === 2;
  });
  expect(await scrub('background jobs', gone)).toBe(2);
  expect(await jobsWith(gone)).toEqual([{ name: 'keeper.mail', state: 'created' }]);
  expect(await jobsWith(other)).toHaveLength(2);
});

test('a job that is named after a person goes, whatever else it holds', async () => {
  const id = newId('user');
  await store.query(
    `insert into job.job (name, state, data, singleton_key) values ('keeper.mail', 'completed', '{}', $1)`,
    [`letter to ${id}`],
  );
  expect(await scrub('background jobs', id)).toBe(1);
  expect(await jobsWith(id)).toEqual([]);
});

test('a search through all events that a busy site has sent may take longer than a statement of a request', async () => {
  const hasty = await stores.start(keeper, { STATEMENT_TIMEOUT_SECONDS: '1' });
  const id = newId('user');
  const send = (count: number, payload: string) =>
    store.query(
      `insert into outbox (id, type, version, aggregate_id, payload, request_id, sent_at, awaiting)
       select gen_random_uuid(), 'kept', 1, 'one', ${payload}, 'test', now(), '{}' from generate_series(1, ${count})`,
    );
  await send(40, `jsonb_build_object('said', repeat('x', 8000000))`);
  await send(1, `'{ "by": "${id}" }'`);
  expect(await scrub('events sent', id, 'ERASE', hasty)).toBe(1);
}, 60_000);
