import { flushAzureMonitor, shutdownAzureMonitor, useAzureMonitor } from 'applicationinsights';
import type { TelemetryConfig } from '../../src/config.ts';
import type { Exporter } from './late.ts';
import { openLogs, openTelemetry } from './open-telemetry.ts';

/**
 * Application Insights as the exporter. This file is imported when it is needed and not before: it brings a second of
 * loading and 65 MB with it.
 *
 * What it would collect by itself is off: `fetch`, our only way to Shopify, is instrumented by nobody, and urls,
 * statements and uncaught errors of others may hold what must not leave (R12). Every span is sent unless
 * OTEL_TRACES_SAMPLER says otherwise; the SDK's own default drops all above five a second.
 */
const OFF = { enabled: false };
const FLUSH_MAX_MS = 3_000;

export async function startAzureMonitor(
  config: TelemetryConfig & { connectionString: string },
): Promise<Exporter> {
  // Else it looks for a file where its own package would be, which is nowhere in a bundle.
  process.env['APPLICATIONINSIGHTS_CONFIGURATION_CONTENT'] ??= '{}';
  useAzureMonitor({
    azureMonitorExporterOptions: {
      connectionString: config.connectionString,
      ...(await credentialOf(config)),
    },
    samplingRatio: 1,
    tracesPerSecond: 0,
    enableLiveMetrics: false,
    enablePerformanceCounters: false,
    enableAutoCollectExceptions: false,
    instrumentationOptions: {
      ...{ http: OFF, azureSdk: OFF, mongoDb: OFF, mySql: OFF, postgreSql: OFF, redis: OFF, redis4: OFF },
      ...{ console: OFF, bunyan: OFF, winston: OFF },
    },
  });
  return {
    telemetry: openTelemetry(),
    sink: openLogs(),
    flush: () => atMost(flushAzureMonitor()),
    stop: () => atMost(shutdownAzureMonitor()),
  };
}

/** Where the resource takes no keys (`DisableLocalAuth`), the app's identity publishes. */
async function credentialOf({ identity }: TelemetryConfig) {
  if (identity === null) return {};
  const { ManagedIdentityCredential } = await import('@azure/identity');
  const { clientId } = identity;
  return {
    credential: clientId === null ? new ManagedIdentityCredential() : new ManagedIdentityCredential(clientId),
  };
}

/** While the ingestion endpoint is away nobody waits for it longer than this, and nobody fails for it. */
async function atMost(work: Promise<void>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, FLUSH_MAX_MS);
  try {
    await Promise.race([work.catch(() => {}), over]);
  } finally {
    clearTimeout(timer);
  }
}
