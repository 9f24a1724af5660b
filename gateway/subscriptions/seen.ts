const REMEMBERED_IDS = 1000;

/** Tells whether an id comes for the first time among the last thousand: a bus that delivers at least once repeats. */
export function createSeen(limit = REMEMBERED_IDS): (id: string) => boolean {
  const seen = new Set<string>();
  return (id) => {
    if (seen.has(id)) return false;
    seen.add(id);
    // A Set keeps its order: the first one is the oldest.
    const oldest = seen.size > limit ? seen.values().next().value : undefined;
    if (oldest !== undefined) seen.delete(oldest);
    return true;
  };
}
