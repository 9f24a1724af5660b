import { createRedisClock } from './redis-clock.ts';
import { createTagTimes } from './tag-times.ts';

describe('tags', () => {
  test('nothing holds before the first moment is known', () => {
    expect(createTagTimes(10).isValid([], 1e15)).toBe(false);
  });

  test('what was read before an event, or shortly after, does not hold; what concerns something else does', () => {
    const times = createTagTimes(10);
    times.raiseFloor(0);
    times.note('a', 100);
    expect([99, 100, 110, 111].map((since) => times.isValid(['b', 'a'], since))).toEqual([false, false, false, true]);
    expect(times.isValid(['b'], 50)).toBe(true);
  });

  test('an older event changes nothing', () => {
    const times = createTagTimes(0);
    times.raiseFloor(0);
    times.note('a', 100);
    times.note('a', 50);
    expect(times.isValid(['a'], 100)).toBe(false);
  });

  test('a floor only rises', () => {
    const times = createTagTimes(0);
    times.raiseFloor(100);
    times.raiseFloor(50);
    expect([times.isValid([], 100), times.isValid([], 101)]).toEqual([false, true]);
  });

  test('what is forgotten for want of room takes everything as old with it, and no more', () => {
    const times = createTagTimes(5, 10);
    times.raiseFloor(0);
    for (let at = 1; at <= 11; at++) times.note(`tag${at}`, at * 100);
    // The older five and all that was read until they had settled.
    expect([times.isValid(['other'], 505), times.isValid(['other'], 506)]).toEqual([false, true]);
    expect(times.isValid(['tag11'], 1100)).toBe(false);
  });
});

describe('the clock of Redis', () => {
  test('is never later than it may be, and follows a slow drift', () => {
    const clock = createRedisClock({ lower: 1000, upper: 1004 });
    expect(clock.at(5)).toBe(1005);
    expect(clock.adjust({ lower: 1002, upper: 1003 })).toBe(false);
    expect(clock.at(0)).toBe(1002);
    expect(clock.adjust({ lower: 999, upper: 1000 })).toBe(false);
    expect(clock.at(0)).toBe(999);
  });

  test('an answer that comes late is no jump; one that cannot be otherwise is', () => {
    const clock = createRedisClock({ lower: 1000, upper: 1004 });
    expect(clock.adjust({ lower: -4000, upper: 1003 })).toBe(false);
    expect(clock.at(0)).toBe(1000);
    expect(clock.adjust({ lower: 9000, upper: 9001 })).toBe(true);
    expect(clock.adjust({ lower: 1000, upper: 1001 })).toBe(true);
    expect(clock.at(0)).toBe(1000);
  });
});
