import { jest } from '@jest/globals';
import { newId } from './ids.ts';
import { testHop, testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker, saveWidget, taker } from './testing/widget.ts';
import { userViewer } from './viewer.ts';

const stores = testStores();
const viewer = userViewer(newId('user'));

test('a clock that is set back holds up neither confirmations nor those who wait for an event', async () => {
  const [making, taking] = [await stores.start(maker), await stores.start(taker)];
  const outbox = await stores.client(maker);
  const save = async (name: string): Promise<void> => void (await saveWidget(making.contextFor(viewer), { name }));
  const isAllConfirmed = async (): Promise<boolean> =>
    (await outbox.query(`select 1 from outbox where awaiting <> '{}'`)).rowCount === 0;
  await save('before');
  await until('it is confirmed', isAllConfirmed);

  const missing = { id: crypto.randomUUID(), type: 'widget.saved' };
  const asked = taking.execute({ query: '{ __typename }' }, testHop(viewer, [missing]));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const now = Date.now.bind(Date);
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
  try {
    const late = new Promise((resolve) => setTimeout(resolve, 5000, 'still waits'));
    expect(await Promise.race([asked, late])).toMatchObject({ errors: [{ extensions: { code: 'RETRY_LATER' } }] });
    await save('after');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await isAllConfirmed()).toBe(true);
  } finally {
    clock.mockRestore();
  }
});
