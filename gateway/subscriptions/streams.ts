import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { codeOf, refusal } from '../errors.ts';
import type { RequestContext } from '../execution/context.ts';
import type { Forwarding } from '../forwarding.ts';
import type { Exchange } from '../http.ts';
import type { GraphqlRequest, Ready } from '../answer.ts';
import type { Pipeline } from '../pipeline.ts';
import { CLOSE, type Close } from './closing.ts';
import type { Connection, Connections } from './connections.ts';
import { single } from './single.ts';
import { errorOf, multipart, sse, write, type StreamFormat } from './stream.ts';
import { SubscriptionEnded, type Messages } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';
import { withCommon } from '../security/headers.ts';

export interface StreamOptions {
  readonly pipeline: Pipeline;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  readonly maxStreams: number;
  readonly isAllowedOrigin: (request: Exchange['request']) => boolean;
  readonly forwarding: Forwarding;
}

export interface Streamed {
  readonly request: GraphqlRequest;
  readonly ready: Ready;
  readonly context: RequestContext;
}

export interface Streams {
  /** Answers with the messages of an operation until it ends or the client goes. Answers the errors where nothing was sent. */
  readonly serve: (
    exchange: Exchange,
    format: 'sse' | 'multipart',
    streamed: Streamed,
  ) => Promise<readonly GraphQLError[] | null>;
  /** Answers over SSE that nothing runs. */
  readonly refuse: (exchange: Exchange, errors: readonly GraphQLFormattedError[]) => void;
  readonly stop: () => void;
}

const FORMATS = { sse, multipart };
const HEARTBEAT_MILLISECONDS = 12_000;
const END_MILLISECONDS = 2000;

interface Stream {
  readonly beat: () => void;
  readonly close: (why: Close) => void;
}

/** Long answers over HTTP: each is a connection of its own, with one subscription. */
export function createStreams(options: StreamOptions): Streams {
  const open = new Set<Stream>();
  let isStopping = false;
  const timer = setInterval(() => open.forEach(({ beat }) => beat()), HEARTBEAT_MILLISECONDS);
  timer.unref();
  return {
    serve: async (exchange, formatName, streamed) => {
      const format = FORMATS[formatName];
      if (open.size >= options.maxStreams) return [full()];
      if (!options.isAllowedOrigin(exchange.request)) return [foreign()];
      const begun = await begin(options, exchange, format, streamed);
      if (!('stream' in begun)) return begun;
      const { stream, run } = begun;
      open.add(stream);
      const ended = run().finally(() => open.delete(stream));
      // Begun before the end, let in after it: it ends as the others have.
      if (isStopping) stream.close(CLOSE.goingAway);
      await ended;
      return null;
    },
    refuse: ({ response, headers }, errors) => {
      response.writeHead(200, withCommon(headers, sse.headers));
      response.end(sse.failed(errors));
    },
    stop: () => {
      isStopping = true;
      clearInterval(timer);
      for (const stream of open) stream.close(CLOSE.goingAway);
    },
  };
}

const full = (): GraphQLError =>
  refusal('RETRY_LATER', 'This gateway carries no further streams just now; try again.', { status: 503 });
const foreign = (): GraphQLError =>
  refusal('FORBIDDEN', 'Pages of this origin may not open streams here.', { status: 403 });

interface Begun {
  readonly stream: Stream;
  readonly run: () => Promise<void>;
}

async function begin(
  { connections, subscriptions, pipeline, forwarding }: StreamOptions,
  { request: { headers }, response, headers: common }: Exchange,
  format: StreamFormat,
  { request, ready, context }: Streamed,
): Promise<Begun | readonly GraphQLError[]> {
  let isOver = false;
  const finish = (last: string): void => {
    if (isOver) return;
    isOver = true;
    if (!response.headersSent) response.writeHead(200, withCommon(common, format.headers));
    response.end(last);
  };
  const stream: Stream = {
    beat: () => void (response.writableNeedDrain || isOver || response.write(format.heartbeat)),
    close: (why) => {
      finish(why === CLOSE.goingAway ? format.goingAway : format.failed([errorOf(why)]));
      // A reader that does not read takes no end either.
      setTimeout(() => response.destroy(), END_MILLISECONDS).unref();
    },
  };
  const { viewer, client, requestId } = context;
  const authorization = headers.authorization ?? null;
  const forwarded = forwarding.of(headers);
  const connection: Connection = { client, viewer, forwarded, authorization, close: (why) => stream.close(why) };
  const refused = connections.enter(connection);
  if (refused) return [refusal(refused.errorCode, refused.reason, { status: 429 })];
  const leave = (): void => connections.leave(connection);
  response.once('close', leave);
  // A client that has gone meanwhile says so no more.
  if (response.destroyed) {
    leave();
    return [];
  }
  try {
    const resumeFrom = headers['last-event-id'] || request.extensions['resumeFrom'];
    const messages =
      ready.operation.node.operation === 'subscription'
        ? await subscriptions.begin({ request, ready, connection, resumeFrom }, context)
        : single(() => pipeline.execute(ready, context), requestId);
    if (!('next' in messages)) leave();
    return 'next' in messages
      ? { stream, run: () => pump({ response, headers: common }, format, messages, finish, pipeline) }
      : messages;
  } catch (error) {
    leave();
    if (error instanceof GraphQLError && codeOf(error) !== undefined) return [error];
    throw error;
  }
}

async function pump(
  { response, headers }: Pick<Exchange, 'response' | 'headers'>,
  format: StreamFormat,
  messages: Messages,
  finish: (last: string) => void,
  { format: formatError }: Pipeline,
): Promise<void> {
  response.once('close', () => void messages.return());
  if (response.destroyed || response.writableEnded) return void (await messages.return());
  response.writeHead(200, withCommon(headers, format.headers));
  response.flushHeaders();
  try {
    await write(response, format.opening);
    for (let { value } = await messages.next(); value; { value } = await messages.next()) {
      await write(response, format.message(value));
    }
    finish(format.complete);
  } catch (error) {
    const errors =
      error instanceof SubscriptionEnded
        ? error.errors
        : [formatError(new GraphQLError('failed', { originalError: error as Error }))];
    finish(format.failed(errors));
  } finally {
    await messages.return();
  }
}
