import { parse, print, visit } from 'graphql';
import { generateOperation } from '../conformance/corpus.ts';
import type { CorpusOptions } from '../conformance/corpus-values.ts';
import { startArchipelago, type Archipelago } from '../conformance/testing/islands.ts';
import { withRandomDefers } from './testing/deferring.ts';
import { allParts, merged } from './testing/parts.ts';

const WORLD = 7;
const OPERATIONS = 120;
/** Failures shown before a run gives up. */
const SHOWN = 5;
let islands: Archipelago;
beforeAll(async () => void (islands = await startArchipelago(WORLD)));
afterAll(() => islands.stop());

/** JSON with names in order: a merge puts fields where they come. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );

const withoutDefers = (query: string): string =>
  print(
    visit(parse(query), {
      Directive: ({ name }) => (name.value === 'defer' ? null : undefined),
      VariableDefinition: ({ variable }) => (variable.name.value.startsWith('defer') ? null : undefined),
    }),
  );

interface Tally {
  inParts: number;
  fragments: number;
  /** Operations that go wrong where they are answered whole, too: not this suite's subject. */
  wrongAnyway: number;
}

async function differenceOf(seed: number, options: CorpusOptions, tally: Tally): Promise<string | null> {
  const operation = withRandomDefers(generateOperation(islands.apiSchema, seed, options), seed);
  const told = `seed ${seed}\n${operation.query}\n${JSON.stringify(operation.variables)}`;
  const right = sorted((await islands.monolith(withoutDefers(operation.query), operation.variables)).data);
  islands.forget();
  const whole = await islands.ours(operation.query, operation.variables);
  const isWrong = sorted(whole.data) !== right || islands.invalid.length > 0;
  if (isWrong) tally.wrongAnyway++;
  islands.forget();
  try {
    const parts = await allParts(islands.url, operation);
    const { data, failed } = merged(parts);
    if (parts.length > 1) tally.inParts++;
    tally.fragments += parts.reduce((sum, { pending = [] }) => sum + pending.length, 0);
    if (isWrong) return null;
    if (islands.invalid.length > 0) return `${told}\n${islands.invalid.join('\n')}`;
    // Where a fragment fails, its null ends there.
    return failed > 0 || sorted(data) === right ? null : `${told}\nours:  ${sorted(data)}\nright: ${right}`;
  } catch (error) {
    return `${told}\n${String(error)}`;
  }
}

test.each([
  ['as clients write them', {}],
  ['with aliases that cover up other fields', { isHostile: true, maxSelections: 25 }],
])(
  'generated operations, %s, are the same in parts and whole',
  async (_name, options) => {
    const found: string[] = [];
    const tally: Tally = { inParts: 0, fragments: 0, wrongAnyway: 0 };
    for (let seed = 1; seed <= OPERATIONS && found.length < SHOWN; seed++) {
      const difference = await differenceOf(seed, options, tally);
      if (difference !== null) found.push(difference);
    }
    expect(found).toEqual([]);
    expect(tally.inParts).toBeGreaterThan(OPERATIONS / 3);
    expect(tally.fragments).toBeGreaterThan(OPERATIONS);
    expect(tally.wrongAnyway).toBeLessThan(OPERATIONS / 4);
  },
  120_000,
);
