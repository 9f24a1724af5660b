import { type Heard, latestOf } from './events.ts';

const heard = (aggregateId: string, aggregateVersion: number): Heard<string> => ({
  payload: `${aggregateId} ${aggregateVersion}`,
  envelope: {
    ...{ id: crypto.randomUUID(), type: 'thing.counted', version: 1, aggregateId, aggregateVersion, payload: {} },
    ...{ occurredAt: new Date().toISOString(), actorId: null, requestId: 'test' },
  },
});
const payloadsOf = (events: readonly Heard<string>[]): string[] => latestOf(events).map(({ payload }) => payload);

test('of each aggregate’s events the newest stays, whatever their order', () => {
  expect(payloadsOf([])).toEqual([]);
  expect(payloadsOf([heard('a', 1), heard('b', 5), heard('a', 3), heard('a', 2)])).toEqual(['a 3', 'b 5']);
});
