import { anonymous, userViewer } from 'kit/viewer';
import { createContext } from './context.ts';
import { createRecentEvents } from './recent-events.ts';

const client = { address: '127.0.0.1', userAgent: 'test' };
const contextOf = (session: string | null) =>
  createContext(session === null ? anonymous : userViewer('user_a', 'user', session), 'request-1', client);
const events = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `event_${index}`, type: 'thing.happened' }));

test('a session’s later operations are told, another session of the same person is not', () => {
  const recent = createRecentEvents();
  recent.remember(contextOf('one'), events(2));
  expect(recent.after(contextOf('one'))).toEqual(events(2));
  expect(recent.after(contextOf('two'))).toEqual([]);
});

test('without a session only the operation itself is told', () => {
  const recent = createRecentEvents();
  const context = contextOf(null);
  recent.remember(context, events(1));
  expect(recent.after(context)).toEqual(events(1));
  expect(recent.after(contextOf(null))).toEqual([]);
});

test('what is fetched for an event has seen it, with a session and without', () => {
  const recent = createRecentEvents();
  const cause = { id: 'event_live', type: 'thing.changed' };
  for (const session of ['one', null]) {
    const { viewer } = contextOf(session);
    const context = createContext(viewer, 'request-1', client, {}, [cause]);
    recent.remember(context, events(1));
    expect(recent.after(context)).toEqual([...events(1), cause]);
  }
  expect(recent.after(contextOf('one'))).toEqual(events(1));
});

test('what travels stays small: the newest 64', () => {
  const recent = createRecentEvents();
  recent.remember(contextOf('one'), events(100));
  expect(recent.after(contextOf('one'))).toEqual(events(100).slice(-64));
});

test('it is forgotten after ten seconds', () => {
  let now = 1000;
  const recent = createRecentEvents(null, { now: () => now });
  recent.remember(contextOf('one'), events(1));
  now += 9000;
  expect(recent.after(contextOf('one'))).toHaveLength(1);
  now += 2000;
  expect(recent.after(contextOf('one'))).toEqual([]);
});
