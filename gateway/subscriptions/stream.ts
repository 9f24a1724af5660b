import type { ServerResponse } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import { CLOSE, type Close } from './closing.ts';
import type { Message } from './subscription.ts';

/** How messages are written into one long answer over HTTP. */
export interface StreamFormat {
  readonly headers: Readonly<Record<string, string>>;
  /** What comes before everything. */
  readonly opening: string;
  readonly message: (message: Message) => string;
  readonly heartbeat: string;
  /** The regular end. */
  readonly complete: string;
  /** The end with a reason. */
  readonly failed: (errors: readonly GraphQLFormattedError[]) => string;
  /** The end because this gateway goes away, after which a client should come again. */
  readonly goingAway: string;
}

const json = (value: unknown): string => JSON.stringify(value);

/** GraphQL over SSE, distinct connections mode. An event's id is its cursor: a browser sends the last one it has as Last-Event-ID. */
export const sse: StreamFormat = {
  headers: {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  },
  opening: ':\n\n',
  message: ({ text, cursor }) => `${cursor === null ? '' : `id: ${cursor}\n`}event: next\ndata: ${text}\n\n`,
  heartbeat: ':\n\n',
  complete: 'event: complete\ndata:\n\n',
  failed: (errors) => `event: next\ndata: ${json({ errors })}\n\nevent: complete\ndata:\n\n`,
  // Clients take an end without `complete` for a broken connection.
  goingAway: '',
};

const PART = '\r\ncontent-type: application/json\r\n\r\n';
const NEXT = '\r\n--graphql';
const LAST = '--\r\n';
const part = (text: string): string => `${PART}${text}${NEXT}`;
const fatal = (errors: readonly GraphQLFormattedError[]): string => `${part(json({ payload: null, errors }))}${LAST}`;

/** The multipart subscription protocol, `subscriptionSpec=1.0`. Each part ends with the boundary, so that it can be read at once. */
export const multipart: StreamFormat = {
  headers: {
    'content-type': 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  },
  opening: NEXT,
  message: ({ text }) => part(`{"payload":${text}}`),
  heartbeat: part('{}'),
  complete: LAST,
  failed: fatal,
  goingAway: fatal([errorOf(CLOSE.goingAway)]),
};

export function errorOf({ reason, errorCode }: Close): GraphQLFormattedError {
  return { message: reason, extensions: { code: errorCode } };
}

/** The stream an Accept header asks for; null where it asks for none, or for something else rather. */
export function streamFormatOf(accept: string | undefined): 'sse' | 'multipart' | null {
  if (accept === undefined) return null;
  const types = accept.toLowerCase();
  if (types.includes('text/event-stream')) return 'sse';
  return types.includes('multipart/mixed') && types.includes('subscriptionspec') ? 'multipart' : null;
}

/** Writes, and resolves once there is room for more: a reader that does not read holds back what comes next. */
export function write(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed || response.writableEnded) return Promise.resolve();
  if (response.write(text)) return Promise.resolve();
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}
