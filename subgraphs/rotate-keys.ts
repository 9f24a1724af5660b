import { parseArgs } from 'node:util';
import { ConfigError } from 'kit/config';
import { startSubgraph } from 'kit/running';
import { systemViewer } from 'kit/viewer';
import { environment, readDatabaseUrl } from './config.ts';
import { rotateKeys } from './users/key/rotation.actions.ts';
import { users } from './users/subgraph.ts';

const USAGE = 'usage: npm run rotate-keys -- [--overlap-minutes N | --compromised]';

/**
 * Makes new keys while everything runs: they are published at once, sign after the overlap, and the old ones retire by themselves.
 * Answers how many second factors could not be led over.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { 'overlap-minutes': { type: 'string', default: '10' }, compromised: { type: 'boolean', default: false } },
  });
  const minutes = Number(values['overlap-minutes']);
  if (!(minutes >= 1 && minutes <= 1440)) throw new ConfigError(`${USAGE}\nN is from 1 to 1440`);
  const running = await startSubgraph(users, { databaseUrl: readDatabaseUrl(users.name), environment });
  try {
    const options = { overlapSeconds: minutes * 60, isCompromised: values.compromised };
    const { isResumed, resealed, unopened, keys } = await rotateKeys(running.contextFor(systemViewer), options);
    if (isResumed)
      process.stdout.write('an earlier rotation was half done: it is finished, and no further keys were made\n');
    for (const { id, purpose, signsFrom, retiresAt } of keys) {
      const until = retiresAt ? `until ${retiresAt.toISOString()}` : 'from then on';
      process.stdout.write(`${purpose} ${id}: in use from ${signsFrom.toISOString()}, kept ${until}\n`);
    }
    process.stdout.write(`${resealed} second factors encrypted anew\n`);
    return unopened;
  } finally {
    await running.stop();
  }
}

const unopenedOf = (count: number): string =>
  `The rotation is done, do not run it again. But ${count} second factors could not be opened and stay under their old key; ` +
  'the log says whose. Those people get in by a recovery code; restore their rows and keys from a backup, or have them begin anew.\n';

await main().then(
  (unopened) => {
    if (unopened > 0) process.stderr.write(unopenedOf(unopened));
    process.exit(unopened > 0 ? 1 : 0);
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
