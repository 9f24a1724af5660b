import type { QueryPlan } from '@apollo/query-planner';
import { refusal } from '../errors.ts';
import { plans, planSeconds } from '../metrics.ts';
import type { Graph } from './graph.ts';
import { Overrun, startPlannerWorker, TooComplex, type PlannerWorker } from './planner-worker.ts';

export type PlannedGraph = Pick<Graph, 'id' | 'sdl'>;

/** Plans in a thread of its own: this one stays free meanwhile, and what takes too long can be ended. */
export interface Planner {
  /** Resolves once the thread knows a graph. Rejects where it cannot. */
  readonly load: (graph: PlannedGraph) => Promise<void>;
  /**
   * The plans of checked documents of one operation each, which share the time. What `isAhead` (a reload that makes ready)
   * waits behind what clients wait for; `moved` are the labels of progressive overrides that hold. Rejects with
   * PLAN_TIMEOUT, PLANNER_BUSY, or what the planner has thrown.
   */
  readonly plan: (
    graph: PlannedGraph,
    texts: readonly string[],
    isAhead?: boolean,
    moved?: readonly string[],
  ) => Promise<readonly QueryPlan[]>;
  /** What waits is rejected; the thread ends where nobody else needs it. */
  readonly close: () => void;
}

const LOAD_MILLISECONDS = 60_000;
const MAX_WAITING = 500;
/** Graphs that the thread keeps: those served, and the next one while it is made ready. */
const KEPT_GRAPHS = 4;
const LINGER_MILLISECONDS = 5000;

interface Job {
  readonly owner: object;
  readonly graph: PlannedGraph;
  readonly texts: readonly string[];
  readonly moved: readonly string[];
  readonly timeoutMilliseconds: number;
  readonly resolve: (plans: readonly QueryPlan[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A planner for one gateway. All gateways of a process share one thread, which starts with the first of them. */
export function createPlanner(timeoutMilliseconds: number): Planner {
  const owner = {};
  let isClosed = false;
  users.add(owner);
  const ask = (isAhead: boolean, job: Pick<Job, 'graph' | 'texts' | 'moved'>): Promise<readonly QueryPlan[]> => {
    if (isClosed) return Promise.reject(closed());
    if (waiting.length >= MAX_WAITING) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      (isAhead ? waitingAhead : waiting).push({ ...job, owner, timeoutMilliseconds, resolve, reject });
      void work();
    });
  };
  return {
    load: async (graph) => void (await ask(false, { graph, texts: [], moved: [] })),
    plan: (graph, texts, isAhead = false, moved = []) =>
      texts.length === 0 ? Promise.resolve([]) : ask(isAhead, { graph, texts, moved }),
    close: () => {
      isClosed = true;
      users.delete(owner);
      for (const list of [waiting, waitingAhead]) {
        for (const job of list.filter((one) => one.owner === owner)) {
          list.splice(list.indexOf(job), 1);
          job.reject(closed());
        }
      }
      endUnused();
    },
  };
}

const users = new Set<object>();
const waiting: Job[] = [];
const waitingAhead: Job[] = [];
let worker: PlannerWorker | null = null;
let isBusy = false;

async function work(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  for (let job = waiting.shift() ?? waitingAhead.shift(); job; job = waiting.shift() ?? waitingAhead.shift()) {
    if (!worker || worker.hasEnded()) worker = startPlannerWorker();
    await planIn(worker, job).then(job.resolve, job.reject);
  }
  isBusy = false;
}

/** Gateways of one process come and go, most of all in tests: the thread outlives the last one a little. */
function endUnused(): void {
  if (users.size > 0) return;
  const end = (): void => {
    if (users.size === 0) void worker?.end();
  };
  setTimeout(end, LINGER_MILLISECONDS).unref();
}

async function planIn(thread: PlannerWorker, { graph, texts, moved, timeoutMilliseconds }: Job) {
  if (!thread.graphs.has(graph.id)) await loadIn(thread, graph);
  if (texts.length === 0) return [];
  const startedAt = performance.now();
  try {
    const made = await thread.ask({ kind: 'plan', graphId: graph.id, texts, moved }, timeoutMilliseconds);
    plans.inc({ outcome: 'planned' });
    return made;
  } catch (error) {
    plans.inc({ outcome: error instanceof Overrun ? 'timeout' : 'failed' });
    if (error instanceof TooComplex) throw tooComplex();
    throw error instanceof Overrun ? tooLong(timeoutMilliseconds) : error;
  } finally {
    planSeconds.observe((performance.now() - startedAt) / 1000);
  }
}

async function loadIn(thread: PlannerWorker, { id, sdl }: PlannedGraph): Promise<void> {
  const [oldest] = thread.graphs;
  if (oldest !== undefined && thread.graphs.size >= KEPT_GRAPHS) {
    thread.graphs.delete(oldest);
    await thread.ask({ kind: 'forget', graphId: oldest }, LOAD_MILLISECONDS);
  }
  await thread.ask({ kind: 'load', graphId: id, sdl }, LOAD_MILLISECONDS);
  thread.graphs.add(id);
}

const closed = (): Error => new Error('the planner is closed');

const tooLong = (limit: number): Error =>
  refusal('PLAN_TIMEOUT', `Planning this operation takes longer than ${limit} ms: ask for less in one operation.`, {
    status: 400,
    limit,
  });

const tooComplex = (): Error =>
  refusal('PLAN_TOO_COMPLEX', 'There are too many ways to answer this operation: nest fewer fields in one operation.', {
    status: 400,
  });

const busy = (): Error =>
  refusal('PLANNER_BUSY', 'Too many new operations wait to be planned: try again in a moment.', { status: 503 });
