import { metrics } from 'kit/metrics';
import { Tally } from 'kit/tally';
import { TimeTally } from 'kit/time-tally';
import { Counter, Gauge, Histogram } from 'prom-client';

const registers = [metrics];

export const requests = new Tally({
  name: 'gateway_requests_total',
  help: 'Operations answered, by type and by whether they carried errors',
  labelNames: ['operation', 'outcome'],
});
export const requestSeconds = new TimeTally({
  name: 'gateway_request_seconds',
  help: 'Time from a parsed request to its answer',
  labelName: 'operation',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.18, 0.25, 0.5, 1, 5],
});
export const fetches = new Tally({
  name: 'gateway_fetches_total',
  help: 'Requests to subgraphs',
  labelNames: ['subgraph', 'outcome'],
});
export const sharedFetches = new Counter({
  name: 'gateway_fetches_shared_total',
  help: 'Requests to subgraphs that were spared, because the same one was under way',
  labelNames: ['subgraph'],
  registers,
});
export const sockets = new Gauge({
  name: 'gateway_sockets',
  help: 'Open WebSockets',
  registers,
});
export const subscriptions = new Gauge({
  name: 'gateway_subscriptions',
  help: 'Running subscriptions',
  registers,
});
export const subscriptionsStarted = new Counter({
  name: 'gateway_subscriptions_started_total',
  help: 'Subscriptions that have begun to follow their events',
  registers,
});
export const liveHydrations = new Counter({
  name: 'gateway_live_hydrations_total',
  help: 'Answers to live events worked out, for one viewer or shared by all: one for all subscribers that ask the same',
  labelNames: ['sharing'],
  registers,
});
export const liveEvents = new Counter({
  name: 'gateway_live_events_total',
  help: 'Live events per subscriber, by what came of them: delivered, errors, hidden, repeated',
  labelNames: ['outcome'],
  registers,
});
export const documentsAsked = new Counter({
  name: 'gateway_documents_total',
  help: 'Documents asked for by digest or held against the safelist: listed, audited, refused, registered, not_registered',
  labelNames: ['outcome'],
  registers,
});
export const caches = new Counter({
  name: 'gateway_cache_total',
  help: 'Look-ups in the response and the entity cache: hit, miss, joined (waited for the same question), bypassed',
  labelNames: ['cache', 'outcome'],
  registers,
});
export const plans = new Counter({
  name: 'gateway_plans_total',
  help: 'Documents planned, each once while it is in use: planned, timeout, failed',
  labelNames: ['outcome'],
  registers,
});
export const planSeconds = new Histogram({
  name: 'gateway_plan_seconds',
  help: 'Time the planner took for a document',
  buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2],
  registers,
});
export const reloads = new Counter({
  name: 'gateway_reloads_total',
  help: 'Supergraphs read from a changed source, by what came of them: taken, refused, unreadable',
  labelNames: ['outcome'],
  registers,
});
export const operationCost = new Histogram({
  name: 'gateway_operation_cost',
  help: 'Costs of operations, where they are measured (COST_MODE)',
  buckets: [1, 10, 50, 100, 250, 500, 1000, 2000, 4000, 8000, 16_000, 64_000],
  registers,
});
export const limitsHit = new Counter({
  name: 'gateway_limits_hit_total',
  help: 'Operations refused because they were too much, by code',
  labelNames: ['code'],
  registers,
});
