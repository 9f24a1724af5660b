import type { RequestContext } from '../execution/context.ts';
import { lastly, type Exchange } from '../http.ts';
import type { Ready } from '../answer.ts';
import { withCommon } from '../security/headers.ts';
import type { IncrementalFormat } from './accept.ts';
import type { Delivered } from './delivery.ts';
import type { ExecuteInParts } from './execute.ts';
import { partsFormat } from './format.ts';
import type { AnswerInParts } from './run.ts';

/** A reader that takes nothing for so long is cut off. */
const STALLED_MILLISECONDS = 30_000;

/** Runs what can be answered in parts until its first one; null where it has to be answered whole. */
export async function executeInParts(
  { executeInParts: execute }: { readonly executeInParts: ExecuteInParts },
  { method, response }: Exchange,
  format: IncrementalFormat,
  { ready, context }: { readonly ready: Ready; readonly context: RequestContext },
): Promise<AnswerInParts | null> {
  if (!ready.operation.inParts || method === 'HEAD') return null;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return execute(ready, context, { signal: gone.signal, tellsEmpty: format !== 'v0.2' });
}

/** Sends an answer in parts, each as soon as it is there and the client has taken the one before. */
export async function serveInParts(
  exchange: Exchange,
  formatName: IncrementalFormat,
  { first, begun, labelOf, rest }: AnswerInParts,
): Promise<void> {
  const { response, headers } = exchange;
  if (response.destroyed) return;
  const format = partsFormat(formatName, labelOf);
  const own = { 'content-type': format.contentType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
  response.writeHead(200, withCommon(headers, { ...own, ...lastly(exchange) }));
  const write = (value: unknown): Promise<void> => writeWithin(exchange, part(JSON.stringify(value)));
  await writeWithin(exchange, OPENING);
  await write(format.first(first, begun));
  await rest((delivered: Delivered) => write(format.next(delivered)));
  response.end(END);
}

/** Each part ends with the boundary, so that it can be read at once. */
const OPENING = '\r\n---';
const END = '--\r\n';
const part = (json: string): string => `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${json}${OPENING}`;

/** Resolves once there is room for more, or nobody to read it. */
async function writeWithin({ response }: Exchange, text: string): Promise<void> {
  if (response.destroyed || response.write(text)) return;
  const stalled = setTimeout(() => response.destroy(), STALLED_MILLISECONDS);
  await new Promise<void>((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
  clearTimeout(stalled);
}
