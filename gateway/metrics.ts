import { metrics } from 'kit/metrics';
import { Counter, Gauge, Histogram } from 'prom-client';

const registers = [metrics];

export const requests = new Counter({
  name: 'gateway_requests_total',
  help: 'Operations answered, by type and by whether they carried errors',
  labelNames: ['operation', 'outcome'],
  registers,
});
export const requestSeconds = new Histogram({
  name: 'gateway_request_seconds',
  help: 'Time from a parsed request to its answer',
  labelNames: ['operation'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.18, 0.25, 0.5, 1, 5],
  registers,
});
export const fetches = new Counter({
  name: 'gateway_fetches_total',
  help: 'Requests to subgraphs',
  labelNames: ['subgraph', 'outcome'],
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
export const liveEvents = new Counter({
  name: 'gateway_live_events_total',
  help: 'Live events per subscriber, by what came of them: delivered, errors, hidden, repeated',
  labelNames: ['outcome'],
  registers,
});
