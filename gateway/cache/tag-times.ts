/** When tags were last made invalid, on the clock of Redis. */
export interface TagTimes {
  readonly note: (tag: string, at: number) => void;
  /** Makes invalid whatever was made up to now, whatever its tags. */
  readonly raiseFloor: (at: number) => void;
  /** Whether something made of data read from `since` on still holds. */
  readonly isValid: (tags: readonly string[], since: number) => boolean;
}

/** About 20 MB; beyond, the older half is forgotten and everything as old with it. */
const REMEMBERED_TAGS = 200_000;

/**
 * @param settleMilliseconds Data read so shortly after an event counts as read before it: projections of other subgraphs may
 * not have followed yet.
 */
export function createTagTimes(settleMilliseconds: number, maxTags = REMEMBERED_TAGS): TagTimes {
  const times = new Map<string, number>();
  let floor = Infinity;
  const forgetOldest = (): void => {
    let left = Math.ceil(maxTags / 2);
    for (const [tag, at] of times) {
      if (left-- === 0) return;
      floor = Math.max(floor, at + settleMilliseconds);
      times.delete(tag);
    }
  };
  return {
    note: (tag, at) => {
      const latest = Math.max(at, times.get(tag) ?? 0);
      // Put last again, so that the order is that of use.
      times.delete(tag);
      times.set(tag, latest);
      if (times.size > maxTags) forgetOldest();
    },
    raiseFloor: (at) => {
      floor = floor === Infinity ? at : Math.max(floor, at);
    },
    isValid: (tags, since) =>
      since > floor && tags.every((tag) => (times.get(tag) ?? -Infinity) + settleMilliseconds < since),
  };
}
