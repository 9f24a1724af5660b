import type { Answer, Variables } from './ask.ts';
import { compose, startFederation, type Federation, type SubgraphParts } from './federation.ts';

export interface Case {
  readonly name: string;
  readonly query: string;
  readonly variables?: Variables;
  /** What the specification says, in its order; absent where the operation is refused. */
  readonly data?: Readonly<Record<string, unknown>> | null;
  /** `path.0.of: CODE` of each error, in any order. */
  readonly errors?: readonly string[];
  /** Where the stock gateway's data is something else: what is wrong with it. */
  readonly stockIsWrong?: string;
  /** How often each subgraph is asked, where that is part of the case. */
  readonly fetches?: Readonly<Record<string, number>>;
}

export interface SuiteOptions {
  /** Puts the subgraphs' state back before each operation. */
  readonly reset?: () => void;
  /** What the stock gateway says where it does not even load the supergraph. */
  readonly stockRefuses?: string | null;
}

/** One suite: each case against our gateway by hand-written answers, then all of them against the stock one. */
export function conformance(
  feature: string,
  subgraphs: Readonly<Record<string, SubgraphParts>>,
  cases: readonly Case[],
  { reset = () => undefined, stockRefuses = null }: SuiteOptions = {},
): void {
  describe(feature, () => {
    const supergraphSdl = compose(subgraphs);
    let federation: Federation;
    beforeAll(async () => void (federation = await startFederation(subgraphs, supergraphSdl)));
    afterAll(() => federation.stop());

    test.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
      reset();
      federation.forget();
      const answer = await federation.ours(one.query, one.variables);
      expect(summary(answer)).toBe(summary({ data: one.data, errors: one.errors }));
      expect(federation.invalid).toEqual([]);
      if (one.fetches) expect(fetchesOf(federation)).toEqual(one.fetches);
    });

    if (stockRefuses !== null) {
      test('the stock gateway refuses the supergraph', async () => {
        await expect(federation.stock('{ __typename }')).rejects.toThrow(stockRefuses);
      });
      return;
    }
    test('the stock gateway has the same data, but where it is known to be wrong', async () => {
      const differing: string[] = [];
      for (const { name, query, variables, data } of cases) {
        reset();
        const answer = await federation.stock(query, variables);
        if (ordered(answer.data) !== ordered(data)) differing.push(name);
      }
      expect(differing).toEqual(cases.filter(({ stockIsWrong }) => stockIsWrong).map(({ name }) => name));
    });
  });
}

function fetchesOf({ fetched }: Federation): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { subgraph } of fetched) counts[subgraph] = (counts[subgraph] ?? 0) + 1;
  return counts;
}

/** Text, because the order of fields is part of an answer and `__proto__` is a name like any other. */
const ordered = (data: Case['data']): string => (data === undefined ? 'no data' : JSON.stringify(data, null, 1));

interface Summarised {
  readonly data?: Case['data'];
  readonly errors?: readonly (string | NonNullable<Answer['errors']>[number])[] | undefined;
}

function summary({ data, errors = [] }: Summarised): string {
  return [
    ordered(data),
    ...errors.map((error) => (typeof error === 'string' ? error : describeError(error))).sort(),
  ].join('\n');
}

export function describeError({ path, extensions }: NonNullable<Answer['errors']>[number]): string {
  const code = extensions?.['code'];
  return `${path?.join('.') ?? ''}: ${typeof code === 'string' ? code : 'no code'}`;
}
