import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { createRedisBus } from './bus.ts';
import { createCache } from './cache.ts';
import { parseConfig, positive } from './config.ts';
import { type Context, createContext, type Services } from './context.ts';
import { openDatabase, rowsOf, sql } from './database.ts';
import { execute } from './execute.ts';
import type { Hop } from './hop.ts';
import { startInbox, type InboxOptions } from './inbox.ts';
import { startJobs } from './jobs.ts';
import { createLimiter } from './limits.ts';
import { createLogger } from './logger.ts';
import { eventsHandled, outboxUnsent } from './metrics.ts';
import { startRelay } from './outbox.ts';
import { connectRedis } from './redis.ts';
import type { SubgraphRequest, SubgraphResponse } from './request.ts';
import type { SubgraphDefinition } from './subgraph.ts';
import { systemViewer, type Viewer } from './viewer.ts';

export interface RunningSubgraph {
  readonly name: string;
  readonly definition: SubgraphDefinition;
  readonly execute: (request: SubgraphRequest, hop: Hop) => Promise<SubgraphResponse>;
  /** A context of its own, for commands and tests: as if `viewer` asked. */
  readonly contextFor: (viewer: Viewer) => Context;
  readonly inboxOptions: InboxOptions;
  readonly health: () => Promise<Health>;
  readonly stop: () => Promise<void>;
}

/** `degraded` still answers what it can; `down` answers nothing. */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly dependencies: Readonly<Record<string, 'ok' | 'away'>>;
}

/** Settings every subgraph has. Limits and lifetimes say their unit in their name. */
export const commonConfig = {
  REDIS_URL: z.url(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  DATABASE_POOL_SIZE: positive(8),
  STATEMENT_TIMEOUT_SECONDS: positive(15),
  EVENT_RETENTION_DAYS: positive(7),
};

export interface StartOptions {
  readonly databaseUrl: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Consumers by event type; defaults to the committed `schema/events.json`. */
  readonly consumersOf?: (type: string) => readonly string[];
}

const background = { address: '', userAgent: '' };

/** Opens the stores, migrates, and starts relay, inbox and jobs. Throws, with nothing left running, when a store cannot be used. */
export async function startSubgraph(definition: SubgraphDefinition, options: StartOptions): Promise<RunningSubgraph> {
  const settings = parseConfig({ ...commonConfig, ...definition.config }, options.environment);
  const log = createLogger(definition.name, settings.LOG_LEVEL);
  const database = await openDatabase({
    url: options.databaseUrl,
    entities: definition.features.flatMap((feature) => feature.entities),
    migrations: definition.migrations,
    poolSize: settings.DATABASE_POOL_SIZE,
    statementTimeoutSeconds: settings.STATEMENT_TIMEOUT_SECONDS,
    log,
  });
  await database.migrate().catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const redis = connectRedis(settings.REDIS_URL, log);
  const contextOf = (viewer: Viewer, requestId: string): Context =>
    createContext({ viewer, requestId, client: background, services });
  const systemContext = (requestId: string): Context => contextOf(systemViewer, requestId);

  const jobs = await startJobs(
    definition.features.flatMap((one) => one.jobs),
    database,
    systemContext,
    log,
  );
  const bus = createRedisBus(redis);
  const contract = options.consumersOf ? { consumersOf: options.consumersOf } : committedContract();
  const services: Services = {
    database,
    cache: createCache(redis, definition.name),
    limiter: createLimiter(redis),
    log,
    settings,
    redis,
    consumersOf: contract.consumersOf,
    nudgeRelay: () => relay.nudge(),
    enqueue: jobs.enqueue,
  };
  const relay = startRelay({
    producer: definition.name,
    database,
    bus,
    redis,
    definitions: definition.features.flatMap((feature) => feature.emits),
    retentionDays: settings.EVENT_RETENTION_DAYS,
    log,
    unsent: outboxUnsent,
  });
  for (const feature of definition.features) await feature.prepare?.(systemContext('prepare'));
  const inboxOptions: InboxOptions = {
    consumer: definition.name,
    producers: producersFor(definition),
    subscribers: definition.features.flatMap((feature) => feature.subscribers),
    bus,
    createSystemContext: systemContext,
    log,
    onHandled: (outcome, number) => eventsHandled.inc({ subgraph: definition.name, outcome }, number),
  };
  const inbox = startInbox(inboxOptions);
  const stop = async (): Promise<void> => {
    await inbox.stop();
    await relay.stop();
    await jobs.stop();
    redis.disconnect();
    await database.close();
  };
  return {
    name: definition.name,
    definition,
    execute: (request, hop) => execute(definition, services, inbox, request, hop),
    contextFor: (viewer) => contextOf(viewer, crypto.randomUUID()),
    inboxOptions,
    health: () => healthOf(services),
    stop,
  };
}

async function healthOf({ database, redis }: Services): Promise<Health> {
  const isThere = (check: Promise<unknown>): Promise<'ok' | 'away'> =>
    check.then(
      () => 'ok' as const,
      () => 'away' as const,
    );
  const [postgresql, cache] = await Promise.all([
    isThere(rowsOf(database.connection, sql`select 1`)),
    isThere(redis.ping()),
  ]);
  const status = postgresql === 'away' ? 'down' : cache === 'away' ? 'degraded' : 'ok';
  return { status, dependencies: { postgresql, redis: cache } };
}

interface CommittedEvents {
  readonly events: readonly {
    readonly type: string;
    readonly producer: string;
    readonly consumers: readonly string[];
  }[];
}

/** `schema/events.json`: who produces and who consumes which event, as `npm run schema` wrote it. */
const committedEvents = (): CommittedEvents =>
  JSON.parse(readFileSync(new URL('../schema/events.json', import.meta.url), 'utf8')) as CommittedEvents;

function committedContract(): { consumersOf: (type: string) => readonly string[] } {
  const consumers = new Map(committedEvents().events.map((event) => [event.type, event.consumers]));
  return { consumersOf: (type) => consumers.get(type) ?? [] };
}

/** The streams a subgraph reads: those of the producers of what it consumes. */
function producersFor(definition: SubgraphDefinition): readonly string[] {
  const wanted = new Set(definition.events.consumes.map((event) => event.type));
  if (wanted.size === 0) return [];
  const producers = committedEvents()
    .events.filter((event) => wanted.has(event.type))
    .map((event) => event.producer);
  return [...new Set(producers)];
}
