import { announce, leave, listen } from 'gateway/worker';
import { localSettings } from './config.ts';
import { startInProcess } from './in-process.ts';
import { seedWhenEmpty } from './seed.ts';

// One of several processes that each run everything on the same stores and behind the same port: see workers.ts.

const settings = localSettings(process.env);
const graph = await startInProcess(process.env);
// The first worker starts alone: those after it find the demo content there.
if (settings.NODE_ENV === 'development') {
  await seedWhenEmpty(graph.transports, (line) => void process.stderr.write(`${line}\n`));
}
const end = async (): Promise<never> => {
  await graph.stop();
  await leave();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end());
listen();
announce(graph.url);
