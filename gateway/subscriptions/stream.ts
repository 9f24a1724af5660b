import type { ServerResponse } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import { jsonQualityOf, rangesOf, type Range } from '../graphql-over-http.ts';
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

/** How a client takes a stream. */
export interface AcceptedStream {
  readonly format: 'sse' | 'multipart';
  /** Whether every operation is answered by it, or subscriptions alone, which JSON cannot answer. */
  readonly isForAll: boolean;
}

const EVENTS_ALONE: AcceptedStream = { format: 'sse', isForAll: true };
const PARTS: AcceptedStream = { format: 'multipart', isForAll: false };

/** The stream an Accept header takes, null where it takes none. SSE is for all operations unless JSON is wanted more. */
export function acceptedStreamOf(accept: string | undefined): AcceptedStream | null {
  if (accept === undefined || !/text\/event-stream|subscriptionspec/i.test(accept)) return null;
  if (accept === 'text/event-stream') return EVENTS_ALONE;
  const ranges = rangesOf(accept);
  const taken = ranges.filter(({ quality }) => quality > 0);
  const events = taken.find(({ type }) => type === 'text/event-stream');
  if (events) return { format: 'sse', isForAll: events.quality >= jsonQualityOf(ranges) };
  return taken.some(isOfSubscriptions) ? PARTS : null;
}

const isOfSubscriptions = ({ type, parameters }: Range): boolean =>
  type === 'multipart/mixed' && parameters.some((parameter) => parameter.startsWith('subscriptionspec'));

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
