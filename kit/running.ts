import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { createRedisBus } from './bus.ts';
import { createCache } from './cache.ts';
import { flag, parseConfig, positive } from './config.ts';
import { type Context, createContext, type Services } from './context.ts';
import { type Database, openDatabase, rowsOf, sql } from './database.ts';
import { execute } from './execute.ts';
import type { Dependencies, Feature } from './feature.ts';
import type { Hop } from './hop.ts';
import { startInbox, type InboxOptions } from './inbox.ts';
import { openJobs } from './jobs.ts';
import { createLimiter } from './limits.ts';
import { createLogger, type Logger } from './logger.ts';
import { eventsHandled, outboxUnsent } from './metrics.ts';
import { createRelay } from './outbox.ts';
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
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Of one alone, migrations would wait for themselves. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).default(8),
  /**
   * How long a connection that nobody uses is kept. With the 10 s of node-postgres a burst after a quiet moment opened dozens at
   * once, each of which plans its statements anew: enough to put two cores behind for good.
   */
  DATABASE_IDLE_SECONDS: positive(600),
  STATEMENT_TIMEOUT_SECONDS: positive(15),
  /** `false` behind a pooler in transaction mode that keeps no prepared statements (PgBouncer before 1.21). */
  PREPARED_STATEMENTS: flag(true),
  EVENT_RETENTION_DAYS: positive(7),
};

export interface StartOptions {
  readonly databaseUrl: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Consumers by event type; defaults to the committed `schema/events.json`. */
  readonly consumersOf?: (type: string) => readonly string[];
  /** Producers by event type; defaults to the same. */
  readonly producersOf?: (type: string) => readonly string[];
}

const background = { address: '', userAgent: '' };

type Settings = z.output<z.ZodObject<typeof commonConfig>>;

/** Opens the stores, migrates, and starts relay, inbox and jobs. Throws, with nothing left running, when a store cannot be used. */
export async function startSubgraph(definition: SubgraphDefinition, options: StartOptions): Promise<RunningSubgraph> {
  const settings = parseConfig({ ...commonConfig, ...definition.config }, options.environment);
  const log = createLogger(definition.name, settings.LOG_LEVEL);
  const stops: (() => Promise<void> | void)[] = [];
  /** What was started last stops first. */
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const database = await openStore(definition, options.databaseUrl, settings, log);
    stops.push(() => database.close());
    await database.migrate();
    const redis = connectRedis(settings.REDIS_URL, log);
    stops.push(() => redis.disconnect());
    return { ...(await startWork(definition, { ...options, settings, log, database, redis, stops })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const openStore = (definition: SubgraphDefinition, url: string, settings: Settings, log: Logger): Promise<Database> =>
  openDatabase({
    url,
    entities: definition.features.flatMap((feature) => feature.entities),
    migrations: definition.migrations,
    poolSize: settings.DATABASE_POOL_SIZE,
    idleSeconds: settings.DATABASE_IDLE_SECONDS,
    statementTimeoutSeconds: settings.STATEMENT_TIMEOUT_SECONDS,
    keepsStatements: settings.PREPARED_STATEMENTS,
    log,
  });

interface WorkOptions extends StartOptions {
  readonly settings: Settings;
  readonly log: Logger;
  readonly database: Database;
  readonly redis: Redis;
  readonly stops: (() => Promise<void> | void)[];
}

/** What a subgraph does on its open stores. Pushes on `stops` how to end each thing, as soon as it runs. */
async function startWork(definition: SubgraphDefinition, options: WorkOptions): Promise<Omit<RunningSubgraph, 'stop'>> {
  const { settings, log, database, redis, stops } = options;
  const { features, name } = definition;
  const contextOf = (viewer: Viewer, requestId: string): Context =>
    createContext({ viewer, requestId, client: background, services });
  const createSystemContext = (requestId: string): Context => contextOf(systemViewer, requestId);
  const allJobs = features.flatMap((one) => one.jobs);
  const jobs = await openJobs(allJobs, database, log);
  stops.push(() => jobs.stop());
  const bus = createRedisBus(redis);
  const relay = createRelay({
    producer: name,
    database,
    bus,
    redis,
    definitions: features.flatMap((feature) => feature.emits),
    retentionDays: settings.EVENT_RETENTION_DAYS,
    log,
    unsent: outboxUnsent,
  });
  const services: Services = {
    database,
    cache: createCache(redis, name),
    limiter: createLimiter(redis),
    log,
    settings,
    redis,
    consumersOf: options.consumersOf ?? committedConsumers(),
    nudgeRelay: relay.nudge,
    enqueue: jobs.enqueue,
  };
  for (const feature of features) await feature.prepare?.(createSystemContext('prepare'));
  relay.start();
  stops.push(() => relay.stop());
  await jobs.work(createSystemContext);
  const inboxOptions: InboxOptions = {
    consumer: name,
    producers: producersFor(definition, options.producersOf ?? committedProducers),
    subscribers: features.flatMap((feature) => feature.subscribers),
    bus,
    createSystemContext,
    log,
    onHandled: (outcome, number) => eventsHandled.inc({ subgraph: name, outcome }, number),
  };
  const inbox = startInbox(inboxOptions);
  stops.push(() => inbox.stop());
  return {
    name,
    definition,
    execute: (request, hop) => execute(definition, services, inbox, request, hop),
    contextFor: (viewer) => contextOf(viewer, crypto.randomUUID()),
    inboxOptions,
    health: () => healthOf(createSystemContext('health'), features),
  };
}

async function healthOf(ctx: Context, features: readonly Feature[]): Promise<Health> {
  const { database, redis } = ctx.services;
  const isThere = (check: Promise<unknown>): Promise<'ok' | 'away'> =>
    check.then(
      () => 'ok' as const,
      () => 'away' as const,
    );
  const checks: Dependencies = Object.assign(
    { postgresql: () => rowsOf(database.connection, sql`select 1`), redis: () => redis.ping() },
    ...features.map((feature) => feature.dependencies(ctx)),
  ) as Dependencies;
  const states = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await isThere(check())] as const),
  );
  const dependencies = Object.fromEntries(states);
  const isAnyAway = states.some(([, state]) => state === 'away');
  const status = dependencies['postgresql'] === 'away' ? 'down' : isAnyAway ? 'degraded' : 'ok';
  return { status, dependencies };
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

function committedConsumers(): (type: string) => readonly string[] {
  const consumers = new Map(committedEvents().events.map((event) => [event.type, event.consumers]));
  return (type) => consumers.get(type) ?? [];
}

const committedProducers = (type: string): readonly string[] =>
  committedEvents()
    .events.filter((event) => event.type === type)
    .map((event) => event.producer);

/** The streams a subgraph reads: those of the producers of what it consumes. */
function producersFor(
  definition: SubgraphDefinition,
  producersOf: (type: string) => readonly string[],
): readonly string[] {
  const wanted = new Set(definition.events.consumes.map((event) => event.type));
  return [...new Set([...wanted].flatMap(producersOf))];
}
