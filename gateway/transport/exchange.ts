import type { Dispatcher, Pool } from 'undici';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

export interface Posting {
  readonly path: string;
  readonly headers: string[];
  readonly body: string;
  /** For the whole exchange. */
  readonly timeoutMilliseconds: number;
}

/**
 * Posts a body and gives the whole answer as text. A handler of undici's own dispatch: `request` would make a stream, a
 * parsed header object and three promises for each answer. Rejects where there is no whole answer in time.
 */
export function post(pool: Pool, { path, headers, body, timeoutMilliseconds }: Posting): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    pool.dispatch({ method: 'POST', path, headers, body }, receiver(timeoutMilliseconds, resolve, reject));
  });
}

/** It took longer than it may. */
export class ExchangeTimeout extends Error {
  readonly code = 'EXCHANGE_TIMEOUT';
}

function receiver(
  timeoutMilliseconds: number,
  resolve: (answer: HttpAnswer) => void,
  reject: (error: Error) => void,
): Dispatcher.DispatchHandler {
  let status = 0;
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let controller: Dispatcher.DispatchController | undefined;
  let late: ExchangeTimeout | undefined;
  // Undici's own times are from one part to the next; this one is of the whole, the wait for a connection too.
  const timer = setTimeout(() => {
    late = new ExchangeTimeout(`no whole answer within ${timeoutMilliseconds} ms`);
    controller?.abort(late);
    reject(late);
  }, timeoutMilliseconds);
  return {
    onRequestStart: (started) => {
      controller = started;
      if (late) started.abort(late);
    },
    onResponseStart: (_controller, statusCode) => {
      status = statusCode;
    },
    onResponseData: (_controller, chunk) => {
      if (!first) first = chunk;
      else if (more) more.push(chunk);
      else more = [first, chunk];
    },
    onResponseEnd: () => {
      clearTimeout(timer);
      const bytes = more ? Buffer.concat(more) : first;
      resolve({ status, text: bytes ? bytes.toString('utf8') : '' });
    },
    onResponseError: (_controller, error) => {
      clearTimeout(timer);
      reject(error);
    },
  };
}
