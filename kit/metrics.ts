import { collectDefaultMetrics, Counter, Gauge, register } from 'prom-client';
import { Tally } from './tally.ts';
import { TimeTally } from './time-tally.ts';

export { register as metrics };

collectDefaultMetrics({ register });

export const subgraphRequests = new Tally({
  name: 'broadsheet_subgraph_requests_total',
  help: 'Operations a subgraph has answered',
  labelNames: ['subgraph', 'outcome'],
});
export const subgraphSeconds = new TimeTally({
  name: 'broadsheet_subgraph_request_seconds',
  help: 'Time a subgraph took to answer an operation',
  labelName: 'subgraph',
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
});
export const statements = new Counter({
  name: 'broadsheet_sql_statements_total',
  help: 'SQL statements run for operations',
  labelNames: ['subgraph'],
});
export const outboxUnsent = new Gauge({
  name: 'broadsheet_outbox_unsent',
  help: 'Events that wait in the outbox',
  labelNames: ['subgraph'],
});
export const eventsHandled = new Counter({
  name: 'broadsheet_events_total',
  help: 'Events consumed, by what came of them',
  labelNames: ['subgraph', 'outcome'],
});
