/** How long an outcome is kept for subscribers that take the same event a little later: no longer than a revocation may take. */
const KEPT_MILLISECONDS = 1000;

/** Subscriptions that get the same outcome of the same event. */
export interface Group<Outcome> {
  readonly key: string;
  members: number;
  readonly outcomes: Map<string, Promise<Outcome>>;
}

export interface Groups<Outcome> {
  readonly join: (key: string) => Group<Outcome>;
  readonly leave: (group: Group<Outcome>) => void;
}

export function createGroups<Outcome>(): Groups<Outcome> {
  const groups = new Map<string, Group<Outcome>>();
  return {
    join: (key) => {
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { key, members: 0, outcomes: new Map() }));
      group.members++;
      return group;
    },
    leave: (group) => {
      group.members--;
      if (group.members === 0) groups.delete(group.key);
    },
  };
}

/** The outcome of one event for a group: worked out once, for whoever of it asks meanwhile or a moment later. */
export function outcomeIn<Outcome>(
  { outcomes }: Group<Outcome>,
  event: string,
  workOut: () => Promise<Outcome>,
): Promise<Outcome> {
  const known = outcomes.get(event);
  if (known) return known;
  const outcome = workOut();
  outcomes.set(event, outcome);
  const forget = (): void => void (outcomes.get(event) === outcome && outcomes.delete(event));
  outcome.then(() => setTimeout(forget, KEPT_MILLISECONDS).unref(), forget);
  return outcome;
}
