import type { SubgraphResponse } from 'kit/request';
import { soundAnswer } from './sound-answer.ts';

const sound = (answer: unknown, live?: 'subscribe') => soundAnswer(answer as SubgraphResponse, live);
const data = { me: 'you' };

test('an answer as it should be is taken as it is', () => {
  const plain = { data };
  expect(sound(plain)).toBe(plain);
  const error = { message: 'no', path: ['me', 0], extensions: { code: 'NOT_FOUND' } };
  expect(sound({ data: null, errors: [error] })).toEqual({ data: null, errors: [error] });
  const emitted = [{ id: 'event_1', type: 'book.renamed' }];
  expect(sound({ data, extensions: { emitted } })).toEqual({ data, extensions: { emitted } });
});

test.each<[string, unknown]>([
  ['a text', 'x'.repeat(10)],
  ['a list', [data]],
  ['a number', 5],
  ['null, and nothing that says why', null],
  ['missing', undefined],
])('data that is %s is no answer', (_what, given) => {
  expect(sound({ data: given })).toBeNull();
  expect(sound({ data: given, errors: [] })).toBeNull();
});

test('a live question may be answered by its topic alone', () => {
  const answer = { extensions: { topic: 'book:1' } };
  expect(sound(answer, 'subscribe')).toEqual(answer);
});

test.each<[string, unknown, unknown]>([
  ['no list', {}, [{ message: '' }]],
  ['a text', 'bad', [{ message: 'The subgraph has given an error that is none.' }]],
  ['null among them', [null], [{ message: 'The subgraph has given an error that is none.' }]],
  ['a path that is none', [{ message: 'no', path: 5 }], [{ message: 'no' }]],
  ['a path with what is no part', [{ message: 'no', path: ['me', null] }], [{ message: 'no' }]],
  ['extensions that are none', [{ message: 'no', extensions: 'x' }], [{ message: 'no' }]],
  ['a message that is none', [{ message: 5 }], [{ message: '' }]],
])('errors with %s cost the answer nothing', (_what, errors, taken) => {
  expect(sound({ data, errors })).toEqual({ data, errors: taken });
});

test('an empty list of errors is none', () => {
  expect(sound({ data, errors: [] })).toEqual({ data });
});

test('events are those that are some, and not without end', () => {
  const event = { id: 'event_1', type: 'book.renamed' };
  const emittedOf = (emitted: unknown) => sound({ data, extensions: { emitted } })?.extensions?.emitted;
  expect(emittedOf({ length: 1 })).toEqual([]);
  expect(emittedOf([null, event, { id: 5, type: 'a' }, 'event'])).toEqual([event]);
  expect(emittedOf(Array(200_000).fill(event))).toHaveLength(1000);
});
