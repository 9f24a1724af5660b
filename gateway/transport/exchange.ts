import type { Dispatcher, Pool } from 'undici';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Posts a body and gives the whole answer as text. A handler of undici's own dispatch: `request` would make a stream, a
 * parsed header object and three promises for each answer. Rejects where there is no whole answer.
 */
export function post(pool: Pool, path: string, headers: string[], body: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    pool.dispatch({ method: 'POST', path, headers, body }, receiver(resolve, reject));
  });
}

function receiver(resolve: (answer: HttpAnswer) => void, reject: (error: Error) => void): Dispatcher.DispatchHandler {
  let status = 0;
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  return {
    onRequestStart: nothing,
    onResponseStart: (_controller, statusCode) => {
      status = statusCode;
    },
    onResponseData: (_controller, chunk) => {
      if (!first) first = chunk;
      else if (more) more.push(chunk);
      else more = [first, chunk];
    },
    onResponseEnd: () => {
      const bytes = more ? Buffer.concat(more) : first;
      resolve({ status, text: bytes ? bytes.toString('utf8') : '' });
    },
    onResponseError: (_controller, error) => reject(error),
  };
}

const nothing = (): void => undefined;
