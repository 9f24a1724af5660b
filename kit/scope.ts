import { AsyncLocalStorage } from 'node:async_hooks';

/** What follows one request through every await: its id for logs and SQL, and the statements it has cost. */
export interface Scope {
  readonly requestId: string;
  readonly statements: string[];
  readonly parent: Scope | null;
}

const storage = new AsyncLocalStorage<Scope>();

export const currentScope = (): Scope | undefined => storage.getStore();

/** Runs `work` as part of a request. Inside another scope (a hop in one process) it keeps that one's id and counts in both. */
export function inScope<T>(requestId: string, work: (scope: Scope) => T): T {
  const parent = storage.getStore() ?? null;
  const scope: Scope = { requestId: parent?.requestId ?? requestId, statements: [], parent };
  return storage.run(scope, () => work(scope));
}

/** Runs `work` as nobody's part: what one long request sets off again and again would never be forgotten in its scope. */
export function inOwnScope<T>(requestId: string, work: () => T): T {
  return storage.run({ requestId, statements: [], parent: null }, work);
}

/** Notes a statement in the current scope and in those around it. */
export function noteStatement(text: string): void {
  for (let scope = storage.getStore() ?? null; scope; scope = scope.parent) scope.statements.push(text);
}
