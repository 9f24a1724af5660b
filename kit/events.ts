import { z } from 'zod';
import type { Id } from './ids.ts';
import type { Context } from './context.ts';

/** What every event carries beside its payload. */
export interface Envelope<Payload = Record<string, unknown>> {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly aggregateId: string;
  /** Grows with every event of one aggregate; a projection ignores what is older than what it holds. */
  readonly aggregateVersion: number;
  readonly occurredAt: string;
  readonly actorId: Id | null;
  readonly requestId: string;
  readonly payload: Payload;
}

/** A past-tense fact a subgraph tells the others: `post.saved`. */
export interface EventDefinition<Payload extends Record<string, unknown> = Record<string, unknown>> {
  readonly type: string;
  readonly version: number;
  /** The payload's property that names what the event is about; events of one aggregate keep their order. */
  readonly aggregate: string;
  readonly schema: z.ZodType<Payload>;
  /** Live topics this event wakes, each with the ids a gateway feeds back to the subgraph. */
  readonly live: ((payload: Payload) => readonly LiveMessage[]) | null;
}

export interface LiveMessage {
  readonly topic: string;
  readonly payload: Record<string, unknown>;
}

export interface EventOptions<Payload> {
  readonly aggregate: keyof Payload & string;
  readonly live?: (payload: Payload) => readonly LiveMessage[];
}

export function defineEvent<Shape extends z.ZodRawShape>(
  type: string,
  version: number,
  shape: Shape,
  options: EventOptions<z.output<z.ZodObject<Shape>>>,
): EventDefinition<z.output<z.ZodObject<Shape>>> {
  return {
    type,
    version,
    aggregate: options.aggregate,
    schema: z.object(shape),
    live: options.live ?? null,
  };
}

/** What a subgraph does about another's event. Runs inside the transaction that records the event as seen: once, or not at all. */
export interface Subscriber {
  readonly type: string;
  readonly version: number;
  readonly schema: z.ZodType<Record<string, unknown>>;
  readonly handle: (ctx: Context, payload: never, envelope: Envelope) => Promise<void>;
  /** Where it is there, all of one batch are handled by it together, after the batch's other events. */
  readonly handleMany?: (ctx: Context, events: readonly Heard<never>[]) => Promise<void>;
}

/** An event as a subscriber gets it. */
export interface Heard<Payload> {
  readonly payload: Payload;
  readonly envelope: Envelope;
}

/** Declares a handler with the part of the payload it needs; the schema check holds it against the producer's declaration. */
export function on<Shape extends z.ZodRawShape>(
  type: string,
  version: number,
  shape: Shape,
  handle: (ctx: Context, payload: z.output<z.ZodObject<Shape>>, envelope: Envelope) => Promise<void>,
): Subscriber {
  return {
    type,
    version,
    schema: z.object(shape),
    handle: handle,
  };
}

/**
 * The same for a handler that takes many events at once, oldest first. For those whose order against events of other types is
 * of no importance to their consumer, such as counts.
 */
export function onMany<Shape extends z.ZodRawShape>(
  type: string,
  version: number,
  shape: Shape,
  handleMany: (ctx: Context, events: readonly Heard<z.output<z.ZodObject<Shape>>>[]) => Promise<void>,
): Subscriber {
  return {
    ...on(type, version, shape, (ctx, payload, envelope) => handleMany(ctx, [{ payload, envelope }])),
    handleMany,
  };
}

/** The last of each aggregate's events, for handlers to which only the newest state matters. */
export function latestOf<Payload>(events: readonly Heard<Payload>[]): Heard<Payload>[] {
  const latest = new Map<string, Heard<Payload>>();
  for (const event of events) {
    const known = latest.get(event.envelope.aggregateId);
    if (!known || known.envelope.aggregateVersion < event.envelope.aggregateVersion) {
      latest.set(event.envelope.aggregateId, event);
    }
  }
  return [...latest.values()];
}

/** Field shapes events are made of. */
export const id = z.string();
export const text = z.string();
export const count = z.number().int();
export const moment = z.iso.datetime();
export const nullable = <Inner extends z.ZodType>(inner: Inner) => inner.nullable();
export const list = <Inner extends z.ZodType>(inner: Inner) => z.array(inner);
export const truth = z.boolean();
