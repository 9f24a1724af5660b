import { newId } from './ids.ts';
import { workerRedisUrl } from './testing/engines.ts';
import { startSilencer, type Silencer } from './testing/silencer.ts';
import { testHop, testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker, saveWidget, taker } from './testing/widget.ts';
import { anonymous, userViewer } from './viewer.ts';

const stores = testStores();
let silencer: Silencer;
beforeAll(async () => {
  silencer = await startSilencer(workerRedisUrl());
});
afterAll(() => silencer.stop());

test('a Redis that moves away without a word is found at its new place', async () => {
  const environment = { REDIS_URL: silencer.url };
  const [making, taking] = [await stores.start(maker, environment), await stores.start(taker, environment)];
  const isShelved = async (name: string): Promise<boolean> => {
    const ctx = making.contextFor(userViewer(newId('user')));
    const saved = await saveWidget(ctx, { name });
    const query = 'query ($id: ID!) { shelved(id: $id) { name } }';
    const { data } = await until('the event arrives', async () => {
      const answer = await taking.execute({ query, variables: { id: saved?.id } }, testHop(anonymous, ctx.emitted));
      return answer.data && answer;
    });
    return JSON.stringify(data) === JSON.stringify({ shelved: { name } });
  };
  expect(await isShelved('before')).toBe(true);
  expect(silencer.silence()).toBeGreaterThan(2);
  expect(await isShelved('after')).toBe(true);
  expect((await making.health()).status).toBe('ok');
}, 90_000);
