import { NodeSDK } from '@opentelemetry/sdk-node';
import { startSpans } from './spans.ts';

// Loaded only where spans are wanted: the SDK is large.

/**
 * Sends spans over OTLP as the standard variables say: OTEL_EXPORTER_OTLP_ENDPOINT and _HEADERS, OTEL_SERVICE_NAME,
 * OTEL_TRACES_SAMPLER and the others. The answer sends what is left and ends it.
 */
export function startSdk(): () => Promise<void> {
  // Metrics are Prometheus' and logs pino's.
  const sdk = new NodeSDK({ serviceName: 'gateway', metricReaders: [], logRecordProcessors: [], instrumentations: [] });
  sdk.start();
  startSpans();
  return () => sdk.shutdown();
}
