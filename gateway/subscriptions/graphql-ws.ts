import type { IncomingHttpHeaders } from 'node:http';
import { type GraphQLError, type GraphQLFormattedError } from 'graphql';
import { MessageType, parseMessage, type Message as ClientMessage, type SubscribePayload } from 'graphql-ws';
import type { Client } from 'kit/viewer';
import type { Logger } from 'kit/logger';
import { headersOfSocket, type Forwarding } from '../forwarding.ts';
import { isHeaderValue } from '../head.ts';
import { codeOf, refusal } from '../errors.ts';
import { createAllowance } from './allowance.ts';
import { alreadySubscribed, CLOSE, invalidMessage, type Close } from './closing.ts';
import type { Connection } from './connections.ts';
import { asGraphQLError, beginOperation, type SocketOperationOptions } from './socket-operation.ts';
import { SubscriptionEnded, type Messages } from './subscription.ts';
import { closeOfRefused } from './wrong-credentials.ts';

export interface ProtocolOptions extends SocketOperationOptions {
  readonly maxSubscriptions: number;
  readonly messagesPerMinute: number;
  readonly forwarding: Forwarding;
  readonly log: Logger;
}

/** A connection as the protocol needs it. */
export interface Wire {
  /** Resolves once the system has taken it: a reader that does not read holds back what comes next. */
  readonly send: (text: string) => Promise<void>;
  readonly close: (why: Close) => void;
  readonly client: Client;
  /** Of the handshake: what is forwarded, and its own Authorization. */
  readonly headers: IncomingHttpHeaders;
}

export interface ProtocolConnection {
  readonly onMessage: (text: string) => void;
  readonly onClosed: () => void;
}

export type Protocol = (wire: Wire) => ProtocolConnection;

const INIT_MILLISECONDS = 3000;
/** Who asks for so much to be sent back, and does not take it, is a slow reader. */
const MAX_PONG_CHARACTERS = 256 * 1024;

interface State {
  readonly wire: Wire;
  readonly operations: Map<string, Operation>;
  hasInit: boolean;
  /** Once the credentials are accepted. */
  connection: Connection | null;
  isClosed: boolean;
  /** Characters of answers to pings that have not left yet. */
  pongs: number;
}

interface Operation {
  isEnded: boolean;
  messages: Messages | null;
}

/**
 * The graphql-transport-ws protocol: subscriptions, and the queries and mutations some clients send the same way. Beyond it, a
 * ping whose payload has `authorization` gives the socket new credentials of the same viewer.
 */
export function createGraphqlWs(options: ProtocolOptions): Protocol {
  return (wire) => {
    const state: State = { wire, operations: new Map(), hasInit: false, connection: null, isClosed: false, pongs: 0 };
    const allowance = createAllowance(options.messagesPerMinute);
    const initTimer = setTimeout(() => {
      if (!state.hasInit) wire.close(CLOSE.initTimeout);
    }, INIT_MILLISECONDS);
    return {
      onMessage: (text) => {
        if (!allowance.take()) return wire.close(CLOSE.tooManyMessages);
        let message: ClientMessage;
        try {
          message = parseMessage(text);
        } catch (error) {
          return wire.close(invalidMessage(error instanceof Error ? error.message : ''));
        }
        handle(options, state, message);
      },
      onClosed: () => {
        state.isClosed = true;
        clearTimeout(initTimer);
        for (const operation of state.operations.values()) endOperation(operation);
        if (state.connection) options.connections.leave(state.connection);
      },
    };
  };
}

function handle(options: ProtocolOptions, state: State, message: ClientMessage): void {
  const { wire, operations } = state;
  const attempt = (work: Promise<void>): void =>
    void work.catch((error: unknown) => {
      options.log.error({ err: error }, 'a socket message could not be handled');
      wire.close(CLOSE.failed);
    });
  switch (message.type) {
    case MessageType.ConnectionInit:
      if (state.hasInit) return wire.close(CLOSE.twoInits);
      state.hasInit = true;
      return attempt(connect(options, state, message.payload));
    case MessageType.Ping:
      return attempt(pong(options, state, message.payload));
    case MessageType.Pong:
      return;
    case MessageType.Subscribe: {
      if (!state.connection) return wire.close(CLOSE.unauthorized);
      if (operations.has(message.id)) return wire.close(alreadySubscribed(message.id));
      const operation: Operation = { isEnded: false, messages: null };
      const isTooMany = operations.size >= options.maxSubscriptions;
      operations.set(message.id, operation);
      return attempt(serve(options, state, state.connection, message.id, operation, message.payload, isTooMany));
    }
    case MessageType.Complete: {
      const operation = operations.get(message.id);
      operations.delete(message.id);
      if (operation) endOperation(operation);
      return;
    }
    default:
      return wire.close(invalidMessage(`Unexpected message of type ${message.type} received`));
  }
}

function endOperation(operation: Operation): void {
  operation.isEnded = true;
  void operation.messages?.return();
}

async function connect(
  options: ProtocolOptions,
  state: State,
  payload: Readonly<Record<string, unknown>> | undefined,
): Promise<void> {
  const { connections, forwarding } = options;
  const { wire } = state;
  const authorization = authorizationOf(payload) ?? wire.headers.authorization ?? null;
  const forwarded = headersOfSocket(forwarding, wire.headers, payload);
  const isSendable = authorization === null || isHeaderValue(authorization);
  if (!forwarded || !isSendable) return wire.close(notSendable());
  const requestId = crypto.randomUUID();
  try {
    const viewer = await connections.authenticate(authorization, wire.client, requestId);
    if (state.isClosed) return;
    const connection: Connection = { client: wire.client, forwarded, authorization, viewer, close: wire.close };
    const refused = connections.enter(connection);
    if (refused) return wire.close(refused);
    state.connection = connection;
    await wire.send('{"type":"connection_ack"}');
  } catch (error) {
    wire.close(await closeOfRefused(options, error, wire.client, requestId));
  }
}

/** `authorization` of a payload, however it is capitalised: explorers send what was typed as a header. */
function authorizationOf(payload: Readonly<Record<string, unknown>> | undefined): string | null {
  const found = Object.entries(payload ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  return typeof found?.[1] === 'string' ? found[1] : null;
}

const notSendable = (): Close => invalidMessage('The payload has what no header may hold');

async function pong(
  options: ProtocolOptions,
  state: State,
  payload: Readonly<Record<string, unknown>> | undefined,
): Promise<void> {
  const { connections, subscriptions } = options;
  const { wire, connection } = state;
  const authorization = authorizationOf(payload);
  if (authorization === null) {
    if (state.pongs > MAX_PONG_CHARACTERS) return wire.close(CLOSE.slowReader);
    const text = JSON.stringify(payload ? { type: 'pong', payload } : { type: 'pong' });
    state.pongs += text.length;
    await wire.send(text);
    state.pongs -= text.length;
    return;
  }
  if (!connection) return wire.close(CLOSE.unauthorized);
  if (!isHeaderValue(authorization)) return wire.close(notSendable());
  const requestId = crypto.randomUUID();
  try {
    const refused = await connections.refresh(connection, authorization, requestId);
    if (refused) return wire.close(refused);
    subscriptions.regroup(connection);
  } catch (error) {
    return wire.close(await closeOfRefused(options, error, wire.client, requestId));
  }
  // The token itself does not travel back.
  await wire.send('{"type":"pong","payload":{"refreshed":true}}');
}

/** Runs one operation to its end, one message at a time. */
async function serve(
  options: ProtocolOptions,
  state: State,
  connection: Connection,
  id: string,
  operation: Operation,
  payload: SubscribePayload,
  isTooMany: boolean,
): Promise<void> {
  const { wire, operations } = state;
  const prefix = `{"id":${JSON.stringify(id)},"type":`;
  const finish = (last: string): Promise<void> => {
    const isGone = operation.isEnded;
    endOperation(operation);
    if (isGone || operations.get(id) !== operation) return Promise.resolve();
    operations.delete(id);
    return wire.send(last);
  };
  const fail = (errors: readonly GraphQLFormattedError[]): Promise<void> =>
    finish(`${prefix}"error","payload":${JSON.stringify(errors)}}`);
  try {
    if (isTooMany) return await fail([options.pipeline.format(tooMany(options.maxSubscriptions))]);
    const begun = await beginOperation(options, connection, payload);
    if ('errors' in begun) {
      await fail(begun.errors);
      if (begun.isForbidden) wire.close(CLOSE.forbidden);
      return;
    }
    const { messages } = begun;
    operation.messages = messages;
    if (operation.isEnded) return void (await messages.return());
    for (let { value } = await messages.next(); value && !operation.isEnded; { value } = await messages.next()) {
      await wire.send(`${prefix}"next","payload":${value.text}}`);
    }
    await finish(`${prefix}"complete"}`);
  } catch (error) {
    if (error instanceof SubscriptionEnded) return fail(error.errors);
    await fail([options.pipeline.format(asGraphQLError(error))]);
    if (codeOf(error) === 'UNAUTHENTICATED') wire.close(CLOSE.forbidden);
  }
}

const tooMany = (limit: number): GraphQLError =>
  refusal('SUBSCRIPTION_LIMIT_EXCEEDED', `A socket carries ${limit} operations at most.`, { limit });
