import type { Clock, Monotonic } from '../../src/clock.ts';
import type { TelemetryConfig } from '../../src/config.ts';
import { createLog, type LogSink } from '../../src/log/line.ts';
import type { Language } from '../../src/log/message.ts';
import type { Log } from '../../src/log.ts';
import { type Telemetry, untold } from '../../src/telemetry.ts';
import { type Exporter, late } from './late.ts';

/**
 * What a process tells and to whom: with a connection string to Application Insights, and its lines to the console in
 * any case, unless the door says that the console ends in the same place (that of Azure Functions does).
 */
export interface Observed {
  readonly log: Log;
  readonly telemetry: Telemetry;
  /** Hands over what is left. */
  stop(): Promise<void>;
}

export interface Observing {
  readonly config: TelemetryConfig;
  readonly language: Language;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly console: LogSink;
  /** Whether lines that are exported are written to the console too. */
  readonly both: boolean;
}

export function observe({ config, language, clock, monotonic, console, both }: Observing): Observed {
  const { connectionString } = config;
  if (connectionString === null)
    return { log: createLog({ clock, language, sinks: [console] }), telemetry: untold, stop: async () => {} };
  const exported = late({
    load: () => azureMonitor({ ...config, connectionString }),
    monotonic,
    otherwise: both ? () => {} : console,
    onFailure: (error) => log('telemetryFailed', { Cause: error instanceof Error ? error.name : 'unknown' }),
  });
  const log = createLog({ clock, language, sinks: [exported.sink, ...(both ? [console] : [])] });
  return { log, telemetry: exported.telemetry, stop: exported.stop };
}

const azureMonitor = async (config: TelemetryConfig & { connectionString: string }): Promise<Exporter> => {
  const { startAzureMonitor } = await import('./azure-monitor.ts');
  return await startAzureMonitor(config);
};
