import { positive } from 'kit/config';
import { z } from 'zod';
import { list } from './list.ts';

/** Settings of how the gateway is run: planning, the supergraph's source, breakers, stopping. */
export const operationsSettings = {
  /** Planning an operation that takes longer is ended, and the operation refused with PLAN_TIMEOUT. */
  PLAN_TIMEOUT_MILLISECONDS: positive(2000),
  /** How long a new supergraph may wait until the operations in use are planned for it. */
  RELOAD_WARM_SECONDS: positive(10),
  /** How often a supergraph behind a URL is asked for; a file is watched, and looked at as often beside that. */
  SUPERGRAPH_POLL_SECONDS: positive(10),
  SUPERGRAPH_TIMEOUT_SECONDS: positive(10),
  SUPERGRAPH_LIMIT_BYTES: positive(33_554_432),
  /** The Authorization header with which a supergraph behind a URL is asked for. */
  SUPERGRAPH_AUTHORIZATION: z.string().optional(),
  /** Asks a subgraph once where one viewer asks it the same several times at once. */
  FETCH_SHARING: z.enum(['on', 'off']).default('on'),
  /** A subgraph's breaker opens once more than this part of the requests in its window has failed. */
  BREAKER_THRESHOLD_PERCENT: z.coerce.number().int().min(1).max(99).default(50),
  BREAKER_WINDOW_SECONDS: positive(30),
  /** With fewer requests than this a second, over the window, a breaker never opens. */
  BREAKER_MINIMUM_PER_SECOND: positive(5),
  /** How long an open breaker waits before it lets one request try. */
  BREAKER_HALF_OPEN_SECONDS: positive(60),
  /** While stopping: how long connections without a request stay open, so that none is cut under one that is on its way. */
  STOP_IDLE_MILLISECONDS: z.coerce.number().int().min(0).default(500),
  /** Labels of progressive overrides, other than `percent(…)`, whose fields have moved: a comma-separated list. */
  OVERRIDE_LABELS: list,
  /** Offers clients @defer: those that take multipart/mixed get their answers in parts, others whole. */
  DEFER: z.enum(['on', 'off']).default('on'),
  /** What has been deferred longer than this is given up. */
  DEFER_TIMEOUT_SECONDS: positive(60),
  /** Sends spans to where the OTEL_* variables say; also on by itself where OTEL_EXPORTER_OTLP_ENDPOINT is set. */
  TELEMETRY: z.enum(['on', 'off']).optional(),
};
