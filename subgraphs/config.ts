import { parseConfig, port } from 'kit/config';
import { z } from 'zod';

/** Where `supergraph.yaml` expects the first of them on one machine; the others follow. */
export const FIRST_PORT = 4101;

export const environment = process.env;

/** What a subgraph served on its own needs besides its stores. Throws ConfigError. */
export function readServing(subgraph: string, index: number) {
  const database = `${subgraph.toUpperCase()}_DATABASE_URL`;
  const settings = parseConfig(
    {
      HOST: z.string().default('127.0.0.1'),
      HOP_SECRET: z.string('set it, the same as the gateway has').min(16, 'must be at least 16 characters'),
      PORT: port(FIRST_PORT + index),
    },
    environment,
  );
  const { [database]: url } = parseConfig({ [database]: z.string('set it, as in the table of the README') }, environment);
  return { ...settings, databaseUrl: String(url) };
}
