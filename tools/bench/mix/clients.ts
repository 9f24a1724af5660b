import { connect, type Socket } from 'node:net';

/** One request as it stands on the wire, and what kind it is. */
export interface WireRequest {
  readonly kind: string;
  readonly bytes: Buffer;
}

export interface Outcome {
  readonly kind: string;
  readonly milliseconds: number;
  /** Null for a 200 without errors, else what came instead. */
  readonly failure: string | null;
}

export interface Clients {
  /** Sends at the next free connection; waits in line where there is none, which counts as time. */
  readonly send: (request: WireRequest) => void;
  /** How many requests have no answer yet. */
  readonly pending: () => number;
  readonly close: () => void;
}

const END_OF_HEADERS = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: (\d+)/i;
const ERRORS = Buffer.from('{"errors":');
const ALSO_ERRORS = Buffer.from(',"errors":[');

/**
 * Keep-alive connections that write requests made beforehand and read only as much of an answer as tells where it ends: what
 * the generator costs is taken from what it measures, on the same cores.
 */
export async function openClients(
  address: { readonly host: string; readonly port: number },
  connections: number,
  onOutcome: (outcome: Outcome) => void,
): Promise<Clients> {
  const line: { readonly request: WireRequest; readonly since: number }[] = [];
  const idle: Client[] = [];
  let isClosed = false;
  let [sent, ended] = [0, 0];
  const count = (outcome: Outcome): void => {
    ended++;
    onOutcome(outcome);
  };
  const next = (client: Client): void => {
    const first = line.shift();
    if (first) client.send(first.request, first.since);
    else idle.push(client);
  };
  const open = (): Promise<Client> => openClient(address, { next, onOutcome: count, onClose });
  /** A server closes what has long been idle; another connection takes its place. */
  const onClose = (client: Client): void => {
    clients.delete(client);
    const place = idle.indexOf(client);
    if (place >= 0) idle.splice(place, 1);
    if (isClosed) return;
    open().then(
      (another) => {
        clients.add(another);
        next(another);
      },
      () => undefined,
    );
  };
  const clients = new Set(await Promise.all(Array.from({ length: connections }, open)));
  idle.push(...clients);
  return {
    send: (request) => {
      const since = performance.now();
      sent++;
      const client = idle.pop();
      if (client) client.send(request, since);
      else line.push({ request, since });
    },
    pending: () => sent - ended,
    close: () => {
      isClosed = true;
      for (const client of clients) client.socket.destroy();
    },
  };
}

interface Client {
  readonly socket: Socket;
  readonly send: (request: WireRequest, since: number) => void;
}

interface ClientEvents {
  readonly next: (client: Client) => void;
  readonly onOutcome: (outcome: Outcome) => void;
  readonly onClose: (client: Client) => void;
}

async function openClient(
  address: { readonly host: string; readonly port: number },
  events: ClientEvents,
): Promise<Client> {
  const socket = connect({ ...address, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let current: { readonly request: WireRequest; readonly since: number } | null = null;
  let received: Buffer[] = [];
  let size = 0;
  let expected = Number.POSITIVE_INFINITY;
  const end = (failure: string | null): void => {
    if (!current) return;
    const { request, since } = current;
    current = null;
    received = [];
    size = 0;
    expected = Number.POSITIVE_INFINITY;
    events.onOutcome({ kind: request.kind, milliseconds: performance.now() - since, failure });
    if (!socket.destroyed) events.next(client);
  };
  const client: Client = {
    socket,
    send: (request, since) => {
      current = { request, since };
      socket.write(request.bytes);
    },
  };
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk);
    size += chunk.length;
    if (expected === Number.POSITIVE_INFINITY) expected = lengthOf(received);
    if (size >= expected) end(failureOf(received));
  });
  socket.on('error', () => end('the connection has failed'));
  socket.on('close', () => {
    end('the connection was closed');
    events.onClose(client);
  });
  return client;
}

/** How many bytes the answer has, once its headers are there. */
function lengthOf(received: readonly Buffer[]): number {
  const start = received.length === 1 && received[0] ? received[0] : Buffer.concat(received);
  const end = start.indexOf(END_OF_HEADERS);
  if (end === -1) return Number.POSITIVE_INFINITY;
  const length = LENGTH.exec(start.subarray(0, end).toString('latin1'))?.[1];
  return end + END_OF_HEADERS.length + Number(length ?? 0);
}

function failureOf(received: readonly Buffer[]): string | null {
  const whole = received.length === 1 && received[0] ? received[0] : Buffer.concat(received);
  const isFine = whole.includes('HTTP/1.1 200') && !whole.includes(ERRORS) && !whole.includes(ALSO_ERRORS);
  return isFine ? null : whole.subarray(0, 2000).toString();
}
