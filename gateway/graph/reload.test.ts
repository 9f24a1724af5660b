import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metrics } from 'kit/metrics';
import { until } from 'kit/testing/until';
import { anonymous } from 'kit/viewer';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../testing/gateway.ts';
import { createTestGraph } from '../testing/graph.ts';
import { wait } from '../testing/subscriber.ts';
import { inProcess } from '../transport/in-process.ts';
import { supergraphSource } from './source.ts';

const { supergraphSdl, subgraphs } = createTestGraph();
/** The same without a field. */
const without = (field: string): string => {
  const lines = supergraphSdl.split('\n').filter((line) => !line.trim().startsWith(`${field}:`));
  return lines.join('\n');
};
/** The same with another digest. */
const again = (number: number): string => `${supergraphSdl}\n# ${number}\n`;
const withFurther = supergraphSdl.replace(
  'enum join__Graph {',
  'enum join__Graph {\n  FURTHER @join__graph(name: "further", url: "http://127.0.0.1:3/graphql")',
);

const running: TestGateway[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((gateway) => gateway.stop()));
});
async function start(overrides: TestGatewayOptions['overrides'] = {}): Promise<TestGateway> {
  const gateway = await startTestGateway({ overrides });
  running.push(gateway);
  return gateway;
}
const health = async ({ origin }: TestGateway) => {
  // It is remembered for a second.
  await wait(1100);
  const response = await fetch(`${origin}/health/ready`);
  return { code: response.status, ...((await response.json()) as { status: string; supergraph: object }) };
};
const reloads = async (outcome: string): Promise<number> => {
  const all = (await metrics.getSingleMetric('gateway_reloads_total')?.get())?.values ?? [];
  return all.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
};

test('a new supergraph is served from the next operation on; what runs ends on the one it began on', async () => {
  const gateway = await start();
  expect((await gateway.query('{ address }')).errors).toBeUndefined();
  const slow = gateway.query('{ slow }');
  await until('it runs', () => gateway.graph.hops.library.length > 0);
  expect(await gateway.reload(without('slow').replace(/^\s*address: .*$/m, ''))).toBe('taken');
  expect((await gateway.query('{ address }')).errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  expect((await gateway.query('{ me }')).data).toEqual({ me: 'anonymous' });
  gateway.graph.release();
  expect((await slow).data).toEqual({ slow: 'done' });
});

test('what is in use is planned for a new supergraph before it is served', async () => {
  const planned: string[] = [];
  const plugins = [
    {
      name: 'note',
      onPlan: ({ graph, texts }: { graph: { id: string }; texts: readonly string[] }) =>
        void planned.push(`${graph.id} ${texts[0]?.replaceAll(/\s+/g, ' ')}`),
    },
  ];
  const gateway = await start({ hooks: { authenticate: () => Promise.resolve(anonymous), plugins } });
  for (const query of ['{ me }', '{ books { id } }', '{ address }']) await gateway.query(query);
  planned.length = 0;
  expect(await gateway.reload(without('address'))).toBe('taken');
  const texts = planned.map((one) => one.slice(one.indexOf(' ') + 1));
  expect(texts).toEqual(['{ books { id } }', '{ me }']);
  for (const query of ['{ me }', '{ books { id } }']) expect((await gateway.query(query)).errors).toBeUndefined();
  expect(planned).toHaveLength(2);
});

test('the same supergraph changes nothing', async () => {
  const gateway = await start();
  expect(await gateway.reload(supergraphSdl)).toBe('same');
});

describe('a supergraph that cannot be served', () => {
  test.each([
    ['is none', 'type Query { me: String }'],
    ['is cut off', supergraphSdl.slice(0, -200)],
    ['is empty', ''],
    ['names a subgraph without a way to it', withFurther],
  ])('is refused where it %s; the one before goes on and health says so', async (_name, sdl) => {
    const gateway = await start();
    const refused = await reloads('refused');
    expect(await gateway.reload(sdl)).toBe('refused');
    expect(await reloads('refused')).toBe(refused + 1);
    expect((await gateway.query('{ me books { writer { name } } }')).errors).toBeUndefined();
    expect(await health(gateway)).toMatchObject({
      code: 200,
      status: 'degraded',
      supergraph: { status: 'degraded', detail: expect.stringMatching(/^stale since \d{4}-/) as string },
    });
    expect(await gateway.reload(again(1))).toBe('taken');
    expect(await health(gateway)).toMatchObject({ status: 'up', supergraph: { status: 'up' } });
  });
});

test('many at once are taken one after the other, and the last one stays', async () => {
  const gateway = await start();
  const outcomes = await Promise.all([
    gateway.reload(without('address')),
    gateway.reload('nonsense'),
    gateway.reload(again(2)),
    gateway.reload(without('me')),
  ]);
  expect(outcomes).toEqual(['taken', 'refused', 'taken', 'taken']);
  expect((await gateway.query('{ address }')).errors).toBeUndefined();
  expect((await gateway.query('{ me }')).errors).toBeDefined();
});

test('ways to subgraphs come and go with the supergraph', async () => {
  const open = new Map<string, number>();
  const connect = ({ name, url }: { name: string; url: string }) => {
    const key = `${name} ${url}`;
    open.set(key, (open.get(key) ?? 0) + 1);
    const close = () => Promise.resolve(void open.set(key, (open.get(key) ?? 0) - 1));
    const transport = inProcess(name === 'people' ? subgraphs.people : subgraphs.library, close);
    return { ...transport, health: () => Promise.resolve({ status: 'up' } as const) };
  };
  const gateway = await startTestGateway({
    environment: { SUBGRAPH_TIMEOUT_SECONDS: '1' },
    overrides: { transports: {}, health: {}, connect },
  });
  expect([...open.keys()].map((key) => key.split(' ')[0])).toEqual(['library', 'people']);
  expect(await gateway.reload(withFurther)).toBe('taken');
  expect(await health(gateway)).toMatchObject({ subgraphs: { further: { status: 'up' } } });
  const moved = supergraphSdl.replace('http://127.0.0.1:2/graphql', 'http://127.0.0.1:4/graphql');
  expect(await gateway.reload(moved)).toBe('taken');
  expect(open.get('people http://127.0.0.1:2/graphql')).toBe(1);
  expect((await gateway.query('{ me }')).data).toEqual({ me: 'anonymous' });
  expect(((await health(gateway)) as unknown as { subgraphs: object }).subgraphs).not.toHaveProperty('further');
  // After twice the time that a request may take.
  const gone = ['people http://127.0.0.1:2/graphql', 'further http://127.0.0.1:3/graphql'];
  await until('both are closed', () => gone.every((key) => open.get(key) === 0));
  expect(Object.fromEntries(open)).toEqual({
    'library http://127.0.0.1:1/': 1,
    'people http://127.0.0.1:2/graphql': 0,
    'further http://127.0.0.1:3/graphql': 0,
    'people http://127.0.0.1:4/graphql': 1,
  });
  await gateway.stop();
  expect([...open.values()]).toEqual([0, 0, 0, 0]);
});

describe('a supergraph in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reload-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'supergraph.graphql');
  const options = { pollSeconds: 1, timeoutSeconds: 1, limitBytes: 1_000_000 };

  test('is taken over when it changes, with no request failing meanwhile', async () => {
    writeFileSync(file, supergraphSdl);
    const source = supergraphSource(file, options);
    await source.read();
    const gateway = await start({ source });
    const taken = await reloads('taken');
    let isOver = false;
    const counts = { answered: 0, failed: 0 };
    const client = async (): Promise<void> => {
      while (!isOver) {
        const { status, errors } = await gateway.query('{ me books { id writer { name } } }');
        counts[status === 200 && !errors ? 'answered' : 'failed']++;
      }
    };
    const clients = [client(), client(), client(), client()];
    for (let number = 0; number < 6; number++) {
      const isWhole = number % 3 !== 2;
      const before = await reloads('taken');
      writeFileSync(`${file}.new`, isWhole ? again(100 + number) : 'half a superg');
      renameSync(`${file}.new`, file);
      if (isWhole) await until('it is taken', async () => (await reloads('taken')) > before);
      else await wait(500);
    }
    await until('there are answers enough', () => counts.answered > 50);
    isOver = true;
    await Promise.all(clients);
    expect(counts.failed).toBe(0);
    expect((await reloads('taken')) - taken).toBe(4);
  });

  test('that is away does not matter to what is served, and is told of', async () => {
    writeFileSync(file, supergraphSdl);
    const source = supergraphSource(file, options);
    await source.read();
    const gateway = await start({ source });
    rmSync(file);
    await until('it is told', async () => {
      const { code, status } = await health(gateway);
      return code === 200 && status === 'degraded';
    });
    expect((await gateway.query('{ me }')).data).toEqual({ me: 'anonymous' });
    writeFileSync(file, supergraphSdl);
    await until('it is up', async () => (await health(gateway)).status === 'up');
  });
});
