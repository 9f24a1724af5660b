import { z } from 'zod';

/** A setting that is a comma-separated list; blanks and empty parts do not count. */
export const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((part) => part.trim()))
  .transform((parts): readonly string[] => parts.filter((part) => part !== ''));
