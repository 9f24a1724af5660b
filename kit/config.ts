import { z } from 'zod';

/** Raised at start only: names each variable that is wrong and what it must be. */
export class ConfigError extends Error {}

/** Parses an environment once. An empty string counts as unset, so that a compose file may pass variables through. */
export function parseConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = z.object(shape).safeParse(given);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`Settings that cannot be used:\n${wrong.join('\n')}`);
}

export const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
export const positive = (fallback: number) => z.coerce.number().int().positive().default(fallback);
export const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false', '1', '0'])
    .transform((value) => value === 'true' || value === '1')
    .default(fallback);
/** `on` or `off`. */
export const toggle = (fallback: boolean) =>
  z
    .enum(['on', 'off'])
    .transform((value) => value === 'on')
    .default(fallback);
/** Words to be shown to people, of so many characters at most. */
export const words = (fallback: string, longest: number) => z.string().min(1).max(longest).default(fallback);
