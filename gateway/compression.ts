import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync, type BrotliOptions } from 'node:zlib';

export type Encoding = 'br' | 'gzip';

/** What one content has become, for a content that is sent more than once. */
export type Encoded = Map<Encoding, Buffer>;

/** What leaves in one packet anyhow is not made smaller. */
export const LEAST_BYTES = 1400;
/** Up to this size it is done at once, in a fraction of a millisecond; above, in a thread of libuv's. */
const MOST_BYTES_AT_ONCE = 65_536;
/** The quickest of each: 80 kB of JSON become 16 in a quarter of a millisecond by Brotli, in half a one by gzip. */
const GZIP = { level: 1 };
const brotli = (size: number): BrotliOptions => ({
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 1,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: size,
  },
});

const COMPRESSIBLE = /json|xml|^text\/|javascript/;

/** Whether an answer with these headers may be sent in another encoding: text, and known by no tag that stands for its very bytes. */
export function isCompressible(headers: Readonly<Record<string, string>>): boolean {
  if (!COMPRESSIBLE.test(headers['content-type'] ?? '')) return false;
  return !('content-encoding' in headers) && (headers['etag'] ?? 'W/').startsWith('W/');
}

/** The encoding a client wants rather than none, by its Accept-Encoding header (RFC 9110, 12.5.3); null where it wants none of ours. */
export function encodingOf(accepted: string | undefined): Encoding | null {
  if (accepted === undefined) return null;
  const qualities = new Map(accepted.toLowerCase().split(',').map(codingOf));
  const qualityOf = (coding: string): number => qualities.get(coding) ?? qualities.get('*') ?? 0;
  const [br, gz, identity] = [qualityOf('br'), qualityOf('gzip'), qualities.get('identity') ?? 0];
  const best = Math.max(br, gz);
  if (best === 0 || best < identity) return null;
  return br === best ? 'br' : 'gzip';
}

/** A coding and how much it is wanted: `gzip;q=0.5`. */
function codingOf(text: string): [string, number] {
  const [coding = '', ...parameters] = text.split(';').map((part) => part.trim());
  const given = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = given === undefined ? 1 : Number(given.slice(2));
  return [coding, Number.isFinite(quality) ? quality : 0];
}

/** Hands on the content in that encoding, at once where it is short; where that fails, null. */
export function compress(content: Buffer, encoding: Encoding, done: (compressed: Buffer | null) => void): void {
  const isBrotli = encoding === 'br';
  if (content.length <= MOST_BYTES_AT_ONCE) {
    done(isBrotli ? brotliCompressSync(content, brotli(content.length)) : gzipSync(content, GZIP));
    return;
  }
  const whole = (error: Error | null, compressed: Buffer): void => done(error ? null : compressed);
  if (isBrotli) brotliCompress(content, brotli(content.length), whole);
  else gzip(content, GZIP, whole);
}
