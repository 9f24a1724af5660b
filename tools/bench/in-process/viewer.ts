/** Who asks, in plain text: both set-ups are measured on the loopback address and serve nobody. */
export const authorizationOf = (viewerId: string): string => `Bearer ${viewerId}`;

export const viewerIdOf = (authorization: string | null | undefined): string | null =>
  authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : null;
