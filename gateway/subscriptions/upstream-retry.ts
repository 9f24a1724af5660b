/** About two minutes of trying before a subgraph's subscription is given up. */
export const RETRIES = 30;
const FIRST_MILLISECONDS = 100;
const LONGEST_MILLISECONDS = 5000;

/** Waits before the next try: twice as long each time, and never as long as others do, who have lost the same subgraph. */
export function waitToRetry(retries: number): Promise<void> {
  const milliseconds = Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** retries);
  return new Promise((resolve) => setTimeout(resolve, milliseconds * (0.5 + Math.random() / 2)).unref());
}
