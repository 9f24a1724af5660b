import { Redis } from 'ioredis';
import { createRedisBus } from '../bus.ts';
import type { Context } from '../context.ts';
import { isTransactionControl } from '../execute.ts';
import type { Envelope } from '../events.ts';
import type { EmittedEvent, Hop } from '../hop.ts';
import type { SubgraphResponse } from '../request.ts';
import { type RunningSubgraph, startSubgraph } from '../running.ts';
import { inScope } from '../scope.ts';
import type { SubgraphDefinition } from '../subgraph.ts';
import { anonymous, type Viewer } from '../viewer.ts';
import { rowsOf } from '../database.ts';
import { cloneDatabase } from './database.ts';
import { testEngines, workerRedisUrl } from './engines.ts';

type Variables = Readonly<Record<string, unknown>>;

export interface Asking {
  /** Runs an operation as the gateway would send it. */
  run: (query: string, variables?: Variables) => Promise<SubgraphResponse>;
  /** Runs an operation that must succeed, and answers its data. */
  data: <Data = Record<string, never>>(query: string, variables?: Variables) => Promise<Data>;
  /** What `_entities` answers for one object, null where it is nothing to this viewer. */
  entity: (type: string, id: string, selection?: string) => Promise<Record<string, unknown> | null>;
  /** How many SQL statements an operation runs, BEGIN and COMMIT apart. */
  queriesOf: (query: string, variables?: Variables) => Promise<number>;
  context: () => Context;
}

export interface TestGraph {
  readonly running: () => RunningSubgraph;
  readonly as: (viewer: Viewer) => Asking;
  readonly anonymously: Asking;
  /** Puts an event of another subgraph on the bus and waits until it is consumed here. */
  readonly deliver: (
    producer: string,
    type: string,
    payload: Variables,
    options?: DeliverOptions,
  ) => Promise<EmittedEvent>;
  readonly rows: <Row>(statement: Parameters<typeof rowsOf<Row>>[1]) => Promise<Row[]>;
}

export interface DeliverOptions {
  readonly id?: string;
  readonly version?: number;
  readonly aggregateId?: string;
  /** Grows by itself where left out. */
  readonly aggregateVersion?: number;
}

/** Starts a subgraph on real stores for the tests of one file, and stops it after them. Limits are wide unless `environment` says otherwise. */
export function testSubgraph(
  definition: SubgraphDefinition,
  environment: Readonly<Record<string, string>> = {},
): TestGraph {
  let running: RunningSubgraph | null = null;
  let database: { url: string; drop: () => Promise<void> } | null = null;
  let redis: Redis | null = null;
  const started = (): RunningSubgraph => running ?? fail('the subgraph has not started');

  beforeAll(async () => {
    redis = new Redis(workerRedisUrl());
    await redis.flushdb();
    database = await cloneDatabase(definition);
    running = await startSubgraph(definition, {
      databaseUrl: database.url,
      environment: { LOG_LEVEL: 'silent', REDIS_URL: workerRedisUrl(), ...wideLimits(definition), ...environment },
    });
  }, 60_000);
  afterAll(async () => {
    await running?.stop();
    redis?.disconnect();
    await database?.drop();
  });

  let version = Date.now();
  return {
    running: started,
    as: (viewer) => asking(started, viewer),
    anonymously: asking(started, anonymous),
    rows: (statement) => rowsOf(started().contextFor(anonymous).connection, statement),
    deliver: async (producer, type, payload, options = {}) => {
      const envelope: Envelope = {
        id: options.id ?? crypto.randomUUID(),
        type,
        version: options.version ?? 1,
        aggregateId: options.aggregateId ?? String(Object.values(payload)[0]),
        aggregateVersion: options.aggregateVersion ?? ++version,
        occurredAt: new Date().toISOString(),
        actorId: null,
        requestId: 'test',
        payload,
      };
      await createRedisBus(redis ?? fail('no Redis yet')).publish(producer, [envelope]);
      // One wait is 2 s long; a busy machine may need several.
      for (let attempt = 1; ; attempt++) {
        const { errors } = await started().execute(
          { query: '{ __typename }' },
          hopOf(anonymous, [{ id: envelope.id, type }]),
        );
        if (!errors) return { id: envelope.id, type };
        if (attempt === 15) throw new Error(`${type} was not consumed: ${JSON.stringify(errors)}`);
      }
    },
  };
}

function fail(message: string): never {
  throw new Error(message);
}

/** Every `LIMIT_…` setting far above what a test does. */
export const wideLimits = (definition: SubgraphDefinition): Record<string, string> =>
  Object.fromEntries(
    Object.keys(definition.config)
      .filter((name) => name.startsWith('LIMIT_'))
      .map((name) => [name, '1000000']),
  );

function hopOf(viewer: Viewer, after: readonly EmittedEvent[] = []): Hop {
  return { viewer, requestId: crypto.randomUUID(), client: { address: '127.0.0.1', userAgent: 'test' }, after };
}

function asking(started: () => RunningSubgraph, viewer: Viewer): Asking {
  const run: Asking['run'] = (query, variables = {}) => started().execute({ query, variables }, hopOf(viewer));
  return {
    run,
    data: async (query, variables) => {
      const { data, errors } = await run(query, variables);
      if (errors) throw new Error(`expected success, got ${JSON.stringify(errors)}`);
      return data as never;
    },
    entity: async (type, id, selection = 'id') => {
      const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ${type} { ${selection} } } }`;
      const { data, errors } = await run(query, { r: [{ __typename: type, id }] });
      if (errors && !data) throw new Error(JSON.stringify(errors));
      return ((data?.['_entities'] as unknown[] | undefined)?.[0] ?? null) as Record<string, unknown> | null;
    },
    queriesOf: (query, variables = {}) =>
      inScope(crypto.randomUUID(), async (scope) => {
        const { errors } = await started().execute({ query, variables }, hopOf(viewer));
        if (errors) throw new Error(JSON.stringify(errors));
        return scope.statements.filter((text) => !isTransactionControl(text)).length;
      }),
    context: () => started().contextFor(viewer),
  };
}

export { testEngines };
