/** How many messages one socket may send: a full minute's worth at once, and as fast as it fills again. */
export interface Allowance {
  /** Takes one; false where there is none left. */
  readonly take: () => boolean;
}

export function createAllowance(perMinute: number, now: () => number = () => performance.now()): Allowance {
  let left = perMinute;
  let at = now();
  return {
    take: () => {
      const time = now();
      left = Math.min(perMinute, left + ((time - at) * perMinute) / 60_000);
      at = time;
      if (left < 1) return false;
      left--;
      return true;
    },
  };
}
