import { AsyncLocalStorage } from 'node:async_hooks';

/** What follows one request through every await: its id for logs and SQL, and how many statements it has cost. */
export interface Scope {
  readonly requestId: string;
  statements: string[];
}

const storage = new AsyncLocalStorage<Scope>();

export const currentScope = (): Scope | undefined => storage.getStore();

/** Runs `work` as part of the request `requestId`; inside a scope already open (in-process hop) it stays in that one. */
export function inScope<T>(requestId: string, work: (scope: Scope) => T): T {
  const open = storage.getStore();
  if (open) return work(open);
  const scope: Scope = { requestId, statements: [] };
  return storage.run(scope, () => work(scope));
}
