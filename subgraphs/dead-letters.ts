import { parseArgs } from 'node:util';
import { ConfigError } from 'kit/config';
import { deadLetters, replayDeadLetters } from 'kit/inbox';
import { startSubgraph } from 'kit/running';
import { systemViewer } from 'kit/viewer';
import { environment, readDatabaseUrl } from './config.ts';
import { subgraphs } from './start.ts';

const USAGE = 'usage: npm run dead-letters -- SUBGRAPH [--replay]';

/** Shows the events a subgraph could not handle, and with `--replay` handles them again. Exit code 1 where some fail again. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { replay: { type: 'boolean', default: false } },
  });
  const definition = subgraphs.find((subgraph) => subgraph.name === positionals[0]);
  if (!definition) throw new ConfigError(`${USAGE}\nsubgraphs: ${subgraphs.map(({ name }) => name).join(', ')}`);
  const running = await startSubgraph(definition, { databaseUrl: readDatabaseUrl(definition.name), environment });
  try {
    const letters = await deadLetters(running.contextFor(systemViewer));
    for (const { eventId, type, producer, failedAt, error } of letters) {
      process.stdout.write(`${failedAt.toISOString()} ${producer} ${type} ${eventId}: ${error}\n`);
    }
    if (!values.replay) {
      process.stdout.write(`${letters.length} dead letters\n`);
      return 0;
    }
    const { replayed, failed } = await replayDeadLetters(running.inboxOptions);
    process.stdout.write(`${replayed} replayed, ${failed} failed again\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    await running.stop();
  }
}

await main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
