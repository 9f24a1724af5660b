import { distanceKm, type Place } from '../session/place.loaders.ts';

/** What made a sign-in unusual, and how much each counts. A sign-in from a new device elsewhere is told to its person; more is confirmed by mail. */
export const WEIGHTS = {
  NEW_DEVICE: 20,
  NEW_NETWORK: 20,
  UNUSUAL_HOUR: 10,
  IMPOSSIBLE_TRAVEL: 50,
  FAILURES_ON_ACCOUNT: 30,
  /** Many addresses try one account: somebody guesses, so the right password alone says little. */
  FAILURES_FROM_MANY: 60,
  FAILURES_FROM_NETWORK: 40,
} as const;

export type Reason = keyof typeof WEIGHTS;

export interface Earlier {
  readonly at: Date;
  readonly device: string;
  readonly network: string;
  readonly place: Place | null;
}

/** What is known before a sign-in. */
export interface History {
  /** Those that came to a session, newest first. */
  readonly succeeded: readonly Earlier[];
  /** In the last hour, on this account. */
  readonly failures: number;
  readonly failedNetworks: number;
  /** In the last hour, from this network, on other accounts. */
  readonly failuresFromNetwork: number;
}

export interface Assessment {
  readonly score: number;
  readonly reasons: readonly Reason[];
}

/** Faster than any airliner, over more than what a coarse place is off by. */
const FASTEST_KMH = 900;
const NEAR_KM = 500;
/** Countries that are known without their whereabouts: nobody crosses a border and signs in again so soon by themselves. */
const BORDER_HOURS = 1;
const HABIT_SIGN_INS = 10;
const HABIT_HOURS = 2;
const HOUR_MS = 3_600_000;

/** Of somebody's first sign-in nothing is unusual but what others do. */
export function assess(now: Earlier, history: History): Assessment {
  const { succeeded } = history;
  const isKnown = succeeded.length > 0;
  const checks: Record<Reason, boolean> = {
    NEW_DEVICE: isKnown && !succeeded.some(({ device }) => device === now.device),
    NEW_NETWORK: isKnown && !succeeded.some(({ network }) => network === now.network),
    UNUSUAL_HOUR: isUnusualHour(now, succeeded),
    IMPOSSIBLE_TRAVEL: succeeded[0] !== undefined && isImpossible(succeeded[0], now),
    FAILURES_ON_ACCOUNT: history.failures >= 5,
    FAILURES_FROM_MANY: history.failures >= 10 && history.failedNetworks >= 5,
    FAILURES_FROM_NETWORK: history.failuresFromNetwork >= 10,
  };
  const reasons = (Object.keys(WEIGHTS) as Reason[]).filter((reason) => checks[reason]);
  return { reasons, score: reasons.reduce((sum, reason) => sum + WEIGHTS[reason], 0) };
}

/** Far from every hour of the day at which they have signed in so far, once there are enough to speak of a habit. */
function isUnusualHour({ at }: Earlier, succeeded: readonly Earlier[]): boolean {
  if (succeeded.length < HABIT_SIGN_INS) return false;
  return succeeded.every((earlier) => {
    const apart = Math.abs(earlier.at.getUTCHours() - at.getUTCHours());
    return Math.min(apart, 24 - apart) > HABIT_HOURS;
  });
}

function isImpossible(before: Earlier, now: Earlier): boolean {
  const hours = Math.max(0, now.at.getTime() - before.at.getTime()) / HOUR_MS;
  const distance = distanceKm(before.place, now.place);
  if (distance !== null) return distance > NEAR_KM && distance > hours * FASTEST_KMH;
  const [from, to] = [before.place?.country ?? null, now.place?.country ?? null];
  return from !== null && to !== null && from !== to && hours < BORDER_HOURS;
}
