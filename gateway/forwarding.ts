import type { IncomingHttpHeaders } from 'node:http';
import { isHeaderValue } from './head.ts';

type Headers = Readonly<Record<string, string>>;

/** Which of a client's headers subgraphs are told. */
export interface Forwarding {
  /** In lower case. */
  readonly names: readonly string[];
  /** Those of them that are there. */
  readonly of: (headers: IncomingHttpHeaders) => Headers;
  /** The same where they are the same, empty where there are none: so far one's answer may be another's. */
  readonly keyOf: (headers: IncomingHttpHeaders) => string;
}

const NONE: Headers = {};

export function createForwarding(names: readonly string[]): Forwarding {
  if (names.length === 0) return { names, of: () => NONE, keyOf: () => '' };
  const valueOf = (headers: IncomingHttpHeaders, name: string): string | null => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    return typeof value === 'string' ? value : null;
  };
  return {
    names,
    of: (headers) => {
      const found: Record<string, string> = {};
      for (const name of names) {
        const value = valueOf(headers, name);
        if (value !== null) found[name] = value;
      }
      return found;
    },
    keyOf: (headers) => {
      const values = names.map((name) => valueOf(headers, name));
      return values.every((value) => value === null) ? '' : JSON.stringify(values);
    },
  };
}

/**
 * The forwarded headers of a socket: those of its handshake, over them what `connection_init` says under the same names, as
 * browsers cannot give a handshake any. Null where a value of that cannot be sent on.
 */
export function headersOfSocket(
  { names, of }: Forwarding,
  handshake: IncomingHttpHeaders,
  payload: Readonly<Record<string, unknown>> = {},
): Headers | null {
  if (names.length === 0) return NONE;
  const said = Object.entries(payload).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    return typeof value === 'string' && names.includes(lower) ? [[lower, value] as const] : [];
  });
  if (!said.every(([, value]) => isHeaderValue(value))) return null;
  return { ...of(handshake), ...Object.fromEntries(said) };
}
