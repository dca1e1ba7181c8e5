/**
 * What a function tells the world: log lines, metrics, resilience events, traces. One scope is one
 * request, message or event; nothing of it stays behind for the next one in the same environment.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type MetricName, metrics } from '#shared/telemetry/metrics.ts';
import type { Listener, ResilienceEvent } from '#shared/telemetry/resilience-event.ts';
import type { Trace } from '#shared/telemetry/trace.ts';

/** Fields of a log line. Ids and numbers: never a token, an address, a tenant or user in the clear. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Scope {
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  readonly listen: Listener;
  /** @throws RangeError for a dimension that the metric's row does not have, or lacks. */
  record(metric: MetricName, value: number, dimensions: Readonly<Record<string, string>>): void;
}

export interface Telemetry {
  scope(of: {
    readonly trace: Trace;
    /** The request that began it all, carried with its events. */
    readonly correlationId?: string;
    readonly fields?: Fields;
  }): Scope;
}

export function telemetry({ name }: { readonly name: string }): Telemetry {
  const logger = new Logger({ serviceName: name });
  const meter = new Metrics();

  return {
    scope({ trace, correlationId, fields = {} }) {
      const scoped = logger.createChild();
      scoped.resetKeys();
      scoped.appendKeys({
        trace_id: trace.traceId,
        ...(correlationId && { correlation_id: correlationId }),
        ...fields,
      });
      return { logger: scoped, listen: toLogLine(scoped), record: recorder(meter) };
    },
  };
}

/** Leaves out what is no news: of a sweeper, every minute, that a shard was taken and given back. */
export const ofNote =
  (listen: Listener): Listener =>
  (event) => {
    if (event.severity !== 'info') listen(event);
  };

const toLogLine =
  (logger: Scope['logger']): Listener =>
  ({ severity, facts, ...event }: ResilienceEvent) => {
    const level = ({ info: 'info', warning: 'warn', error: 'error' } as const)[severity];
    logger[level](`${event.pattern} ${event.happened}`, { resilience: { ...event, ...facts } });
  };

/** One EMF line a value: the metrics of one function differ in their dimensions. */
const recorder =
  (meter: Metrics): Scope['record'] =>
  (metric, value, dimensions) => {
    const { unit, dimensions: expected } = metrics[metric];
    if (expected.join() !== Object.keys(dimensions).join())
      throw new RangeError(
        `${metric} has the dimensions ${expected.join(', ')}, got ${Object.keys(dimensions).join(', ')}`,
      );
    const single = meter.singleMetric();
    // The function's name is no dimension of all: where it matters, the row has one that says it.
    single.clearDefaultDimensions();
    // Not addDimensions: that adds a second set beside the first, and each set is a billed metric.
    for (const [dimension, text] of Object.entries(dimensions))
      single.addDimension(dimension, text);
    single.addMetric(metric, MetricUnit[unit], value);
  };
