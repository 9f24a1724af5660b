/** Something that was made of data read at one moment, with all that it depends on. */
export interface Entry {
  /** When reading began, on the clock of Redis, in milliseconds. */
  readonly since: number;
  readonly maxAgeSeconds: number;
  readonly tags: readonly string[];
  /** JSON. */
  readonly body: string;
}

/** A head with everything but the body, then the body as it is sent. */
export function textOfEntry({ since, maxAgeSeconds, tags, body }: Entry): string {
  return `${JSON.stringify({ since, maxAgeSeconds, tags })}\n${body}`;
}

/** Null for what no gateway has written. */
export function entryOfText(text: string): Entry | null {
  const end = text.indexOf('\n');
  if (end === -1) return null;
  try {
    const { since, maxAgeSeconds, tags } = JSON.parse(text.slice(0, end)) as Partial<Entry>;
    if (typeof since !== 'number' || typeof maxAgeSeconds !== 'number' || !Array.isArray(tags)) return null;
    return { since, maxAgeSeconds, tags, body: text.slice(end + 1) };
  } catch {
    return null;
  }
}
