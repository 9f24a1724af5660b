/** Why a connection ends. The code is a WebSocket's; streams over HTTP say the reason in an error of their last part. */
export interface Close {
  readonly code: number;
  readonly reason: string;
  /** The error code that a stream over HTTP ends with. */
  readonly errorCode: string;
}

/** The codes of graphql-transport-ws as that protocol gives them, 1001 and 1013 as their registry does, 4450 our own. */
export const CLOSE = {
  goingAway: {
    code: 1001,
    reason: 'Going away: the server stops, connect again',
    errorCode: 'GOING_AWAY',
  },
  tryAgainLater: { code: 1013, reason: 'Credentials cannot be checked just now', errorCode: 'RETRY_LATER' },
  unauthorized: { code: 4401, reason: 'Unauthorized', errorCode: 'UNAUTHENTICATED' },
  forbidden: {
    code: 4403,
    reason: 'Forbidden: the credentials are wrong or have ended',
    errorCode: 'UNAUTHENTICATED',
  },
  anotherViewer: {
    code: 4403,
    reason: 'Forbidden: a connection is refreshed by whoever opened it',
    errorCode: 'UNAUTHENTICATED',
  },
  initTimeout: { code: 4408, reason: 'Connection initialisation timeout', errorCode: 'BAD_REQUEST' },
  twoInits: { code: 4429, reason: 'Too many initialisation requests', errorCode: 'BAD_REQUEST' },
  tooManyMessages: { code: 4429, reason: 'Too many messages: slow down', errorCode: 'RATE_LIMITED' },
  tooManyAttempts: { code: 4429, reason: 'Too many wrong credentials: try again later', errorCode: 'RATE_LIMITED' },
  tooManyConnections: {
    code: 4429,
    reason: 'Too many connections of one viewer',
    errorCode: 'CONNECTION_LIMIT_EXCEEDED',
  },
  slowReader: {
    code: 4450,
    reason: 'Slow reader: resume from the last cursor',
    errorCode: 'SLOW_READER',
  },
  failed: { code: 4500, reason: 'Internal server error', errorCode: 'INTERNAL_SERVER_ERROR' },
} as const satisfies Record<string, Close>;

/** A reason may have 123 bytes. */
export const invalidMessage = (problem: string): Close => ({
  code: 4400,
  reason: Buffer.byteLength(problem) <= 123 ? problem : 'Invalid message received',
  errorCode: 'BAD_REQUEST',
});

export const alreadySubscribed = (id: string): Close => {
  const reason = `Subscriber for ${id} already exists`;
  return {
    code: 4409,
    reason: Buffer.byteLength(reason) <= 123 ? reason : 'Subscriber already exists',
    errorCode: 'BAD_REQUEST',
  };
};
