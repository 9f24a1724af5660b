import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { PoolClient } from 'pg';
import { noteStatement } from './scope.ts';

/**
 * Written into a statement whose best plan depends on what is asked: it is planned each time. All others are planned without
 * regard to their parameters, once for each connection, so what decides a plan (a page's size) is written into the text.
 */
export const PLANNED_ANEW = '/* planned anew */';

/** Begins, inside a transaction, what may take as long as it likes: until it ends nobody gives a statement up, on either side. */
export const UNHURRIED = 'set local statement_timeout = 0';

/** Statements PostgreSQL keeps parsed on each connection; the texts of a program are few, those made per request many. */
const MAX_NAMES = 256;
const USES_BEFORE_NAMED = 4;
const OBJECT_NOT_AS_NEEDED = '0A000';
/** PostgreSQL's word for a connection outside of any transaction. */
const IDLE = 'I';

/** The name under which a text is kept parsed, once it has shown that it comes again; null where it is not. */
export interface StatementNames {
  readonly of: (text: string) => string | null;
  /** Names it no more. */
  readonly forget: (text: string) => void;
}

/** Names for one database: one process may hold several, and the texts of one leave room for those of the others. */
export function createStatementNames(): StatementNames {
  const names = new Map<string, string | null>();
  const uses = new LRUCache<string, number>({ max: 1000 });
  return { of: (text) => nameOf(text, names, uses), forget: (text) => void names.set(text, null) };
}

function nameOf(text: string, names: Map<string, string | null>, uses: LRUCache<string, number>): string | null {
  const known = names.get(text);
  if (known !== undefined) return known;
  const used = (uses.get(text) ?? 0) + 1;
  if (used < USES_BEFORE_NAMED || names.size >= MAX_NAMES || text.includes(PLANNED_ANEW)) {
    uses.set(text, used);
    return null;
  }
  const name = `s${hash('sha256', text, 'base64url').slice(0, 20)}`;
  names.set(text, name);
  return name;
}

type Query = (...args: unknown[]) => Promise<unknown>;

/**
 * Makes the most of a new connection: what comes again is parsed and planned once, and a transaction begins together with its
 * first statement instead of a round trip before it. Each statement is noted in its request's scope (tests state their
 * number; logs can tell a request's cost).
 * @param names Null where the server keeps no named statements: behind a pooler that hands connections round it may not.
 */
export function prepareClient(client: PoolClient, names: StatementNames | null): void {
  const query = client.query.bind(client) as unknown as Query;
  // Else PostgreSQL plans most lookups by ids anew for ever (it takes a list for ten ids long, and a plan for one id then seems
  // worth its making), at several times the cost of running them.
  if (names) plan(query, 'force_generic_plan');
  const { connectionParameters: limits } = client as unknown as { connectionParameters: { query_timeout: number } };
  const patience = limits.query_timeout;
  client.query = ((...args: unknown[]) => {
    const [first, values, callback] = args;
    const text = typeof first === 'string' ? first : ((first as { text?: string } | undefined)?.text ?? '');
    noteStatement(text);
    if (text === UNHURRIED) limits.query_timeout = 0;
    else if (/^(commit|rollback)$/i.test(text)) limits.query_timeout = patience;
    if (callback === undefined && /^(begin|start transaction[^;]*)$/i.test(text)) return begin(client, query, text);
    if (callback === undefined && /^rollback$/i.test(text)) return orGiveBack(client, query(...args));
    if (!names) return query(...args);
    if (callback === undefined && text.includes(PLANNED_ANEW)) return plannedAnew(query, args);
    const name = typeof first === 'string' && Array.isArray(values) && values.length > 0 ? names.of(text) : null;
    if (name === null) return query(...args);
    // The pool's own statements come with a callback.
    if (callback !== undefined) return query({ name, text, values }, callback);
    return query({ name, text, values }).catch((error: unknown) => {
      // A table has changed under the kept plan, as when a newer version migrates beside us. A transaction is run again as a whole.
      if ((error as { code?: unknown }).code !== OBJECT_NOT_AS_NEEDED) throw error;
      names.forget(text);
      if (client.getTransactionStatus() !== IDLE) throw error;
      return query(...args);
    });
  }) as typeof client.query;
}

/** Statements that follow are planned like this. Only a transaction that has failed refuses, and forgets what it was told anyhow. */
const plan = (query: Query, mode: 'force_generic_plan' | 'force_custom_plan'): void =>
  void query(`set plan_cache_mode = ${mode}`).catch(() => undefined);

/** The three are sent together: there is no round trip more. */
function plannedAnew(query: Query, args: readonly unknown[]): Promise<unknown> {
  plan(query, 'force_custom_plan');
  const answer = query(...args);
  plan(query, 'force_generic_plan');
  return answer;
}

const BEGUN = { command: 'BEGIN', rowCount: null, oid: 0, fields: [], rows: [] };

/**
 * Answers at once and lets what comes next follow in the same packet. A server that is there refuses no BEGIN; were it
 * refused, the connection is closed, so that nothing runs outside its transaction.
 */
function begin(client: PoolClient, query: Query, text: string): Promise<unknown> {
  const { stream } = (client as unknown as { connection: { stream: Corkable } }).connection;
  stream.cork();
  orGiveBack(client, query(text)).catch(() => stream.destroy());
  setImmediate(() => stream.uncork());
  return Promise.resolve(BEGUN);
}

interface Corkable {
  readonly cork: () => void;
  readonly uncork: () => void;
  readonly destroy: () => void;
}

/** kysely keeps a connection that died inside a transaction, whose rollback then fails: eight of those and the pool is empty. */
function orGiveBack(client: PoolClient, answer: Promise<unknown>): Promise<unknown> {
  answer.catch(() => {
    setImmediate(() => {
      try {
        client.release(true);
      } catch {
        // It was given back after all.
      }
    });
  });
  return answer;
}
