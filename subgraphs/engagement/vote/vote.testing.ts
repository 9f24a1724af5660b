import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import type { Asking, TestGraph } from 'kit/testing/subgraph';
import { aPerson, type Payload, type Person } from '../engagement.testing.ts';

export const VOTE = `mutation ($input: VoteInput!) {
  vote(input: $input) {
    counts { up down score } viewerVote post { id counts { up down score } } comment { id counts { up down score } viewerVote }
    userErrors { code field message }
  }
}`;

export type Choice = 'UP' | 'DOWN' | 'NONE';

export interface VoteAnswer extends Payload<{ readonly id: Id }> {
  readonly counts: { readonly up: number; readonly down: number; readonly score: number } | null;
  readonly viewerVote: 'UP' | 'DOWN' | null;
  readonly post: { readonly id: Id } | null;
}

/** What `vote` answers, refusals included. */
export async function castVote(
  asking: Asking,
  targetId: Id,
  value: Choice,
  idempotencyKey?: string,
): Promise<VoteAnswer> {
  const input = { targetId, value, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
  return (await asking.data<{ vote: VoteAnswer }>(VOTE, { input })).vote;
}

/** Pseudo-random numbers from 0 to 1, the same ones every time (Marsaglia's xorshift32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const CHOICES: readonly Choice[] = ['UP', 'UP', 'DOWN', 'NONE'];

export interface Storm {
  readonly targets: readonly Id[];
  readonly voters: number;
  readonly votes: number;
}

/**
 * Many people at once, each voting, changing and withdrawing; some votes are sent twice at once with one key, some
 * contradict another sent at the same moment. Answers what each person has to have voted in the end.
 */
export async function storm(
  graph: TestGraph,
  { targets, voters, votes }: Storm,
): Promise<Map<string, Map<Id, Choice>>> {
  const last = new Map<string, Map<Id, Choice>>();
  const run = async (voter: Person, random: () => number): Promise<void> => {
    const own = new Map<Id, Choice>();
    last.set(voter.userId, own);
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
    for (let cast = 0; cast < votes / voters;) {
      const [targetId, value, manner] = [pick(targets), pick(CHOICES), random()];
      const key = manner < 0.3 ? `${cast}` : undefined;
      const sent = [castVote(graph.as(voter), targetId, value, key)];
      if (manner < 0.15) sent.push(castVote(graph.as(voter), targetId, value, key));
      await Promise.all(sent);
      // A contradiction has no certain winner; the vote after it decides.
      if (manner > 0.9) await Promise.all(CHOICES.map((choice) => castVote(graph.as(voter), targetId, choice)));
      if (manner > 0.9) sent.push(castVote(graph.as(voter), targetId, value));
      await Promise.all(sent);
      own.set(targetId, value);
      cast += sent.length + (manner > 0.9 ? CHOICES.length : 0);
    }
  };
  await Promise.all(Array.from({ length: voters }, (_, index) => run(aPerson(), numbersFrom(index + 1))));
  return last;
}

interface Tally {
  readonly up: number;
  readonly down: number;
  readonly score: number;
}

/** The rows of a target, counted one by one. */
export async function tallyOf(graph: TestGraph, targetId: Id): Promise<Tally> {
  const [row] = await graph.rows<Tally>(sql`
    select count(*) filter (where value = 1) as up, count(*) filter (where value = -1) as down, coalesce(sum(value), 0) as score
    from vote where target_id = ${toUuid(targetId)}`);
  return row ?? { up: 0, down: 0, score: 0 };
}

/** What people wanted in the end, counted. */
export function wantedTally(last: Map<string, Map<Id, Choice>>, targetId: Id): Tally {
  const choices = [...last.values()].map((own) => own.get(targetId));
  const [up, down] = (['UP', 'DOWN'] as const).map((choice) => choices.filter((one) => one === choice).length) as [
    number,
    number,
  ];
  return { up, down, score: up - down };
}
