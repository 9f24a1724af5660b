const MOMENT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/** The moment an ISO 8601 text names, in UTC where it says no zone, whatever zone this machine is in; null where it is none. */
export function momentOf(text: string): Date | null {
  const [, day, zone] = MOMENT.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return null;
  const date = new Date(zone === undefined ? `${text}Z` : text);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** Date takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
