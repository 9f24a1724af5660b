import { killAll } from './child.ts';

/** What has to be stopped at the end, last come first. */
export type Stops = (() => void | Promise<void>)[];

/** Runs to its end, or until the operator ends it, and stops what was started either way. */
export async function withStops(run: (stops: Stops) => Promise<void>): Promise<void> {
  const stops: Stops = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void stop().finally(() => {
        killAll();
        process.exit(1);
      });
    });
  }
  try {
    await run(stops);
  } finally {
    await stop();
  }
}
