import { createClient, NetworkError } from 'graphql-sse';
import type { SubgraphResponse } from 'kit/request';
import { Agent, fetch, Response } from 'undici';
import { RETRIES, waitToRetry } from './upstream-retry.ts';
import { payloadOf, type SubscribeUpstream } from './upstream-request.ts';

/** A stream is quiet between its events; what is lost is found out by TCP's keep-alive. */
const dispatcher = new Agent({ bodyTimeout: 0, headersTimeout: 10_000, connect: { timeout: 2000 } });

/** As large as a message over a socket may be. */
const MAX_EVENT_BYTES = 32 * 1024 * 1024;
const [NEWLINE, CARRIAGE_RETURN] = [10, 13];

/** GraphQL over SSE, distinct connections mode. */
export function subscribeOverSse(url: string): SubscribeUpstream {
  return (request, headers, sink) => {
    const retries = createRetries();
    const client = createClient({
      url,
      headers: (sent) => headers(JSON.stringify(sent)),
      fetchFn: (input: string, init: object) => retries.watch(fetchLines(input, init, giveUp)),
      retryAttempts: Infinity,
      retry: retries.wait,
    });
    let isEnded = false;
    const end = (outcome?: Error): void => {
      if (isEnded) return;
      isEnded = true;
      sink.end(outcome);
    };
    // A failed stream is tried again, and one that is too large would be so again.
    const giveUp = (error: Error): void => {
      end(error);
      client.dispose();
    };
    client.subscribe(
      payloadOf(request),
      {
        next: (answer) => sink.next(answer as SubgraphResponse),
        error: (error) => end(error instanceof Error ? error : new Error('the stream has failed')),
        complete: () => end(),
      },
      {
        connected: () => {
          sink.connected();
          retries.reset();
        },
      },
    );
    return () => {
      isEnded = true;
      client.dispose();
    };
  };
}

/** Counts failures in a row itself: graphql-sse takes a stream that was there, and quiet, for one that could not be had. */
function createRetries() {
  let failures = 0;
  let failure: unknown;
  return {
    watch: async (asked: Promise<Response>): Promise<Response> => {
      const response = await asked.catch((error: unknown) => {
        failure = error;
        throw error;
      });
      if (!response.ok) failure = new NetworkError(response);
      return response;
    },
    reset: () => void (failures = 0),
    /** Throws when there have been too many. */
    wait: async (retries: number): Promise<void> => {
      if (failures++ >= RETRIES) throw new Error('the stream could not be had again', { cause: failure });
      await waitToRetry(retries);
    },
  };
}

async function fetchLines(url: string, init: object, onTooLong: (error: Error) => void): Promise<Response> {
  const response = await fetch(url, { ...init, dispatcher });
  return response.ok && response.body ? new Response(inLines(response.body, onTooLong), response) : response;
}

/**
 * The same bytes in whole lines, since the parser of graphql-sse copies an unfinished line with every piece of it that comes.
 * `onTooLong` hears of the first event that is too long to be kept until its end.
 */
async function* inLines(body: AsyncIterable<Uint8Array>, onTooLong: (error: Error) => void) {
  let line: Uint8Array[] = [];
  let lineBytes = 0;
  let eventBytes = 0;
  let last: number | undefined;
  for await (const piece of body) {
    const end = Math.max(piece.lastIndexOf(NEWLINE), piece.lastIndexOf(CARRIAGE_RETURN)) + 1;
    if (end > 0) {
      const lines = Buffer.concat([...line, piece.subarray(0, end)]);
      const begun = bytesOfLastEvent(lines, last);
      eventBytes = begun === lines.length ? eventBytes + begun : begun;
      last = lines.at(-1);
      yield lines;
      [line, lineBytes] = [[], 0];
    }
    line.push(piece.subarray(end));
    lineBytes += piece.length - end;
    if (eventBytes + lineBytes > MAX_EVENT_BYTES)
      return onTooLong(new Error('the stream has an event that is too long'));
  }
}

/** What of some lines, which come behind a byte, is behind their last empty one, the end of an event: all, where there is none. */
function bytesOfLastEvent(lines: Buffer, before: number | undefined): number {
  const [first] = lines;
  // The second half of \r\n is no line.
  const isEmpty = first === CARRIAGE_RETURN || (first === NEWLINE && before !== CARRIAGE_RETURN);
  const ends = ['\n\n', '\r\r', '\n\r\n'].map((end) => lines.lastIndexOf(end));
  return lines.length - Math.max(before !== undefined && isEmpty ? 1 : 0, ...ends.map((at) => at + 1));
}
