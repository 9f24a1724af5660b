/** An answer is data for whoever asked: no page, no frame, nothing to embed elsewhere or to guess a type for. */
const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/**
 * The headers of every answer, names and values in turn. The gateway itself speaks no TLS: `hstsSeconds` (0 for none) is the
 * operator's word that all of its clients come by it, for as long at least (RFC 6797).
 */
export function createSecurityHeaders(hstsSeconds: number): readonly string[] {
  const strict = hstsSeconds > 0 ? { 'strict-transport-security': `max-age=${hstsSeconds}` } : {};
  return Object.entries({ ...ALWAYS, ...strict }).flat();
}

/** All headers of an answer: its own word goes before the common one, except Vary, where each names what it depends on. */
export function withCommon(common: readonly string[], own: Readonly<Record<string, string>>): string[] {
  const all: string[] = [];
  for (let at = 0; at < common.length; at += 2) {
    const name = common[at] ?? '';
    if (name === 'vary' || !(name in own)) all.push(name, common[at + 1] ?? '');
  }
  for (const name in own) all.push(name, own[name] ?? '');
  return all;
}
