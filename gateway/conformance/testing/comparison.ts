import type { CorpusOptions } from '../corpus-values.ts';
import { generateOperation, type GeneratedOperation } from '../corpus.ts';
import { hardForStock } from './archipelago.ts';
import { describeError } from './conformance.ts';
import type { Answer } from './ask.ts';
import { startArchipelago, type Archipelago } from './islands.ts';

const WORLD = 7;
/** Failures shown before a run gives up: as many as fit a screen. */
const SHOWN = 5;

/** Three runs of generated operations; a failure names each operation that differs, with its seed. */
export function compareCorpus(operations: number): void {
  const timeout = 60_000 + operations * 300;
  describe(`a corpus of three times ${operations} generated operations`, () => {
    let islands: Archipelago;
    beforeAll(async () => void (islands = await startArchipelago(WORLD)));
    afterAll(() => islands.stop());
    const run = async (options: CorpusOptions, compare: Compare): Promise<void> =>
      expect(await differences(operations, options, islands, compare)).toEqual([]);

    test('has the data that the specification asks for', () => run({}, byData), timeout);

    test(
      'has the errors of the stock gateway, where that has the right data',
      () => run({ without: hardForStock }, byErrors),
      timeout,
    );

    test(
      'has the data that the specification asks for where aliases cover up other fields',
      () => run({ isHostile: true, maxSelections: 25 }, byData),
      timeout,
    );
  });
}

type Compare = (islands: Archipelago, operation: GeneratedOperation) => Promise<string | null>;

async function differences(count: number, options: CorpusOptions, islands: Archipelago, compare: Compare) {
  const found: string[] = [];
  for (let seed = 1; seed <= count && found.length < SHOWN; seed++) {
    const operation = generateOperation(islands.apiSchema, seed, options);
    const difference = await compare(islands, operation);
    if (difference === null) continue;
    found.push(`seed ${seed}\n${operation.query}\n${JSON.stringify(operation.variables)}\n${difference}`);
  }
  return found;
}

const byData: Compare = async (islands, { query, variables }) => {
  const right = await islands.monolith(query, variables);
  islands.forget();
  const ours = await islands.ours(query, variables);
  return partOf(dataOf(ours), dataOf(right)) ?? partOf(islands.invalid.join('\n'), '');
};

/**
 * Errors by path and code: each once, because a gateway may ask for one entity once or several times. The stock gateway is
 * an oracle only where its data is what the specification asks for, and where subgraphs could understand all that it asked.
 */
const byErrors: Compare = async (islands, { query, variables }) => {
  islands.forget();
  const stock = await islands.stock(query, variables);
  if (islands.invalid.length > 0) return null;
  const right = await islands.monolith(query, variables);
  if (dataOf(stock) !== dataOf(right)) return null;
  const ours = await islands.ours(query, variables);
  // Where the stock gateway names another place than the specification does, that one is right.
  const expected = errorsOf(ours) === errorsOf(right) ? right : stock;
  return partOf(dataOf(ours), dataOf(stock)) ?? partOf(errorsOf(ours), errorsOf(expected));
};

const dataOf = ({ data, errors }: Answer): string =>
  data === undefined ? `no data: ${JSON.stringify(errors)}` : JSON.stringify(data);

const errorsOf = ({ errors = [] }: Answer): string => [...new Set(errors.map(describeError))].sort().join('\n');

/** Where two texts part, with what surrounds it. */
function partOf(ours: string, right: string): string | null {
  if (ours === right) return null;
  let at = 0;
  while (ours[at] === right[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 100), at + 120);
  return `ours:  ${around(ours)}\nright: ${around(right)}`;
}
