import { positive } from 'kit/config';
import { z } from 'zod';

const mode = z.enum(['off', 'audit', 'enforce']).default('off');

/** Settings of persisted queries and of the safelist. */
export const documentSettings = {
  /** Automatic persisted queries: clients send a digest instead of a text that the gateway knows already. */
  APQ: z.enum(['on', 'off']).default('on'),
  APQ_TTL_SECONDS: positive(7 * 24 * 3600),
  /** Texts kept in Redis by all gateways together. */
  APQ_MAX_DOCUMENTS: positive(10_000),
  APQ_MEMORY_BYTES: positive(16_777_216),
  /** File of the operations that clients may run, as `npm run documents` writes it; read again when it changes. */
  SAFELIST_MANIFEST: z.string().nullable().default(null),
  /** What happens to operations that are not listed: nothing, a log line and a count, or a refusal. */
  SAFELIST_ANONYMOUS: mode,
  SAFELIST_USER: mode,
  SAFELIST_API_KEY: mode,
};
