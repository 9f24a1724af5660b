/** Where a test run's real engines answer; written by the run's global setup into the environment of its workers. */
export interface TestEngines {
  /** A superuser's address of a PostgreSQL cluster made for this run. */
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly elasticsearchUrl: string | null;
}

export function testEngines(): TestEngines {
  const text = process.env['BROADSHEET_TEST_ENGINES'];
  if (!text) throw new Error('tests run by `npm test`, which starts their engines');
  return JSON.parse(text) as TestEngines;
}

/** Each worker has a Redis database of its own: 1 to 15. */
export function workerRedisUrl(): string {
  const url = new URL(testEngines().redisUrl);
  url.pathname = `/${((Number(process.env['JEST_WORKER_ID'] ?? 1) - 1) % 15) + 1}`;
  return url.toString();
}
