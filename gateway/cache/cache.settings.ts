import { positive } from 'kit/config';
import { z } from 'zod';

const toggle = z.enum(['on', 'off']).default('on');

/** Settings of the response cache and the entity cache. Both keep only what is declared cacheable. */
export const cacheSettings = {
  RESPONSE_CACHE: toggle,
  ENTITY_CACHE: toggle,
  /** What this process keeps of both, beside Redis. */
  CACHE_MEMORY_BYTES: positive(33_554_432),
  /** Larger answers are not kept. */
  CACHE_MAX_ENTRY_BYTES: positive(1_048_576),
  /** How long after an event nothing it concerns is kept: until every projection has caught up. */
  CACHE_SETTLE_SECONDS: positive(2),
};
