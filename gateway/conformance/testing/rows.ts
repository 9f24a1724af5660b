import { isDeepStrictEqual } from 'node:util';

type Given = Readonly<Record<string, unknown>>;

/**
 * Looks entities up in a subgraph's rows by the first of these keys that is given. What else the gateway brings (required
 * fields) lies over the row, as a real subgraph would hand it on.
 */
export const byKey = <Row extends object>(rows: readonly Row[], ...keys: readonly (keyof Row & string)[]) => ({
  __resolveReference: (given: Given) => {
    const key = keys.find((name) => given[name] != null);
    const row = key === undefined ? undefined : rows.find((one) => isDeepStrictEqual(one[key], plain(given[key])));
    return row ? { ...row, ...given } : null;
  },
});

/** Without prototypes and without the order of names, which representations do not promise. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

export const find = <Row extends object>(rows: readonly Row[], key: keyof Row, value: unknown): Row | null =>
  rows.find((row) => row[key] === value) ?? null;
