export interface CostOptions {
  /** Of an object, interface or union in the answer; of a leaf. `@cost` goes before each of these. */
  readonly objectWeight: number;
  readonly leafWeight: number;
  readonly inputObjectWeight: number;
  /** Of each root field of a mutation, beside what it returns. */
  readonly mutationWeight: number;
  /** Of `__schema` and `__type` with all that is below. */
  readonly introspectionWeight: number;
  /** Entries of a list of which nothing is known. */
  readonly listSize: number;
  /** Entries of a page whose page argument is null, or absent without a default in the schema. */
  readonly pageSize: number;
  /** Integer arguments that size a list, or the sized fields of a connection, where no `@listSize` does. */
  readonly pageArguments: readonly string[];
  readonly connectionFields: readonly string[];
}

export const defaultCostOptions: CostOptions = {
  objectWeight: 1,
  leafWeight: 0,
  inputObjectWeight: 1,
  mutationWeight: 10,
  introspectionWeight: 100,
  listSize: 10,
  pageSize: 20,
  pageArguments: ['first', 'last'],
  connectionFields: ['edges', 'nodes'],
};
