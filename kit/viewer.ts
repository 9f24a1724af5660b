/** Who asks. Made by the gateway from a checked session, carried signed to every subgraph, never read from client headers. */
export interface Viewer {
  /** `system` is a subgraph's own background work; `gateway` asks on nobody's behalf (session checks, keys). */
  readonly kind: 'anonymous' | 'user' | 'gateway' | 'system';
  /** TypeID of the person; null unless `kind` is `user`. */
  readonly userId: string | null;
  readonly role: string;
  readonly sessionId: string | null;
  /** What credentials narrower than a session are good for: those of an API key. */
  readonly scopes?: readonly string[];
  /** The credentials themselves, where they are no session and have an id of their own: an API key. */
  readonly keyId?: string;
  /** They have still to prove who they are, and may not write before: see `admitsUnverified` of a rule. */
  readonly isUnverified?: boolean;
}

export const anonymous: Viewer = { kind: 'anonymous', userId: null, role: 'anonymous', sessionId: null };
export const gatewayViewer: Viewer = { kind: 'gateway', userId: null, role: 'gateway', sessionId: null };
export const systemViewer: Viewer = { kind: 'system', userId: null, role: 'system', sessionId: null };

export function userViewer(userId: string, role = 'user', sessionId: string | null = null): Viewer {
  return { kind: 'user', userId, role, sessionId };
}

/** Where a request came from, as the gateway saw it. Personal data: never logged whole. */
export interface Client {
  readonly address: string;
  readonly userAgent: string;
  /** The country that address is in (ISO 3166-1, two capitals), where a trusted proxy has said so. */
  readonly place?: string;
}
