import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  metrics,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import type { LogSink } from '../../src/log/line.ts';
import type { Level } from '../../src/log/message.ts';
import { type Dimensions, METRICS, type MetricName } from '../../src/metrics.ts';
import type { SpanAbout, SpanAttributes, Telemetry } from '../../src/telemetry.ts';

/**
 * The service's telemetry said through the OpenTelemetry API, to whatever SDK has been registered before. Its
 * instruments and tracer belong to that SDK: made earlier they would stay silent for ever.
 */
const SCOPE = 'driftless';

export function openTelemetry(): Pick<Telemetry, 'measure' | 'span' | 'moment' | 'within' | 'traceparent'> {
  const tracer = trace.getTracer(SCOPE);
  const record = recorder();
  return {
    measure: (name, value, by) => record(name, value, by),
    span: async (about, work) => {
      const { span, within } = started(about);
      try {
        return await context.with(within, () => work({ set: (more) => span.setAttributes(told(more)) }));
      } catch (error) {
        // The class alone: a message may quote what it stumbled over (R12). Not `error.type`, which Azure's exporter drops.
        span.setAttribute('Failure', error instanceof Error ? error.name : 'unknown');
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
    moment: (about) => started(about).span.end(),
    within: (traceparent, work) => context.with(contextOf(traceparent) ?? context.active(), work),
    traceparent: () => textOf(trace.getSpanContext(context.active())),
  };

  function started({ name, kind, parent, attributes }: SpanAbout) {
    const here = context.active();
    const given = contextOf(parent);
    const under = given ?? here;
    const options = {
      kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
      links: given === null ? [] : linkTo(here),
      attributes: told(attributes ?? {}),
    };
    const span = tracer.startSpan(name, options, under);
    return { span, within: trace.setSpan(under, span) };
  }
}

const linkTo = (of: Context): Link[] => {
  const span = trace.getSpanContext(of);
  return span === undefined || !isSpanContextValid(span) ? [] : [{ context: span }];
};

/** W3C Trace Context, level 1. A message that carries anything else starts a trace of its own. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function contextOf(traceparent: string | null | undefined): Context | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(span) ? trace.setSpanContext(ROOT_CONTEXT, span) : null;
}

const textOf = (span: SpanContext | undefined): string | null =>
  span === undefined || !isSpanContextValid(span)
    ? null
    : `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;

/** One instrument for each name that is ever measured. */
function recorder(): (name: MetricName, value: number, by: Partial<Dimensions>) => void {
  const meter = metrics.getMeter(SCOPE);
  const known = new Map<MetricName, (value: number, attributes: Attributes) => void>();
  const made = (name: MetricName) => {
    const { kind, unit, means: description } = METRICS[name];
    const options = { unit, description };
    if (kind === 'counter') {
      const counter = meter.createCounter(name, options);
      return (value: number, attributes: Attributes) => counter.add(value, attributes);
    }
    const instrument =
      kind === 'timer' ? meter.createHistogram(name, options) : meter.createGauge(name, options);
    return (value: number, attributes: Attributes) => instrument.record(value, attributes);
  };
  return (name, value, by) => {
    const tell = known.get(name) ?? made(name);
    known.set(name, tell);
    tell(value, told(by));
  };
}

/** What is not known is not told. */
const told = ({ StoreId, ...rest }: SpanAttributes | Partial<Dimensions>): Attributes =>
  StoreId == null ? rest : { StoreId, ...rest };

const SEVERITY: Readonly<Record<Level, SeverityNumber>> = {
  Information: SeverityNumber.INFO,
  Warning: SeverityNumber.WARN,
  Error: SeverityNumber.ERROR,
};

/** Lines belong to the span in which they are written. */
export function openLogs(): LogSink {
  const logger = logs.getLogger(SCOPE);
  return ({ level, logger: name, message, properties }, at) =>
    logger.emit({
      timestamp: new Date(at),
      severityNumber: SEVERITY[level],
      severityText: level,
      body: message,
      attributes: { ...properties, logger: name },
    });
}
