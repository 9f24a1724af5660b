import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';

/** Null while nobody takes spans: then not even empty ones are made. */
let tracer: Tracer | null = null;

/** From now on spans are made; an SDK must have been registered. */
export function startSpans(): void {
  tracer = trace.getTracer('gateway');
}

export function stopSpans(): void {
  tracer = null;
}

export const isTracing = (): boolean => tracer !== null;

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** Instead of the span this one is made in. */
  readonly parent?: Context;
}

/** Does a piece of work in a span of its own, which ends with it. Without a tracer it only does the work. */
export function inSpan<T>(name: string, work: (span: Span | null) => T, options: SpanOptions = {}): T {
  if (!tracer) return work(null);
  const { parent = context.active(), kind = SpanKind.INTERNAL, attributes = {} } = options;
  const span = tracer.startSpan(name, { kind, attributes }, parent);
  let result: T;
  try {
    result = context.with(trace.setSpan(parent, span), work, undefined, span);
  } catch (error) {
    end(span, error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  result.then(
    () => span.end(),
    (error: unknown) => end(span, error),
  );
  return result;
}

function end(span: Span, error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.recordException({ name, message });
  span.end();
}

/** Marks a span whose work has ended with errors in its answer. */
export function markFailed(span: Span | null, code: string): void {
  span?.setAttribute('error.type', code);
  span?.setStatus({ code: SpanStatusCode.ERROR });
}

/** The context a client's headers speak of (`traceparent`, `tracestate`). */
export const parentOf = (headers: Readonly<Record<string, string | string[] | undefined>>): Context =>
  propagation.extract(ROOT_CONTEXT, headers);

/** The headers that tell a subgraph of the span at hand. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

export { ROOT_CONTEXT, SpanKind };
