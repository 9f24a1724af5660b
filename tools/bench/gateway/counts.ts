/** What the four subgraphs have done since their start. */
export interface Counts {
  readonly asked: number;
  /** Of these, how many were not known and had to be computed. */
  readonly computed: number;
}

/** Asks the process of the subgraphs, by the URL of any of them. */
export async function readCounts(url: string): Promise<Counts> {
  const answer = await fetch(url);
  return (await answer.json()) as Counts;
}
