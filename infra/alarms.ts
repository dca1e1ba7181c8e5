/**
 * The alarms. A row is built once for each thing of its kind, so a new function, queue or table is
 * watched without a new line. A new alarm is a new row here and a page docs/runbooks/<key>.md.
 */
import type { QueueRow } from '#functions/tables/queues.ts';
import type { MetricName } from '#shared/telemetry/metrics.ts';
import type { Kind } from './watched.ts';

/** `page` wakes somebody: callers feel it, or something may be lost. `ticket` waits for the morning. */
export type Severity = 'page' | 'ticket';

export interface AlarmRow {
  readonly watches: Kind;
  /** CloudWatch's name of the metric. */
  readonly metric: string;
  readonly statistic: 'Sum' | 'Average' | 'Maximum' | 'p95';
  /** The alarm sounds beyond this number. No data is no breach above, and a breach below. */
  readonly limit:
    | { readonly above: number | ((queue: QueueRow) => number) }
    | { readonly below: number };
  readonly periodMs: number;
  /** So many in a row. */
  readonly periods: number;
  readonly severity: Severity;
  /** What is wrong when it sounds, in one sentence. */
  readonly means: string;
}

const minuteMs = 60_000;

export const alarms = {
  'api-faults': {
    watches: 'api',
    metric: '5XXError',
    statistic: 'Average',
    limit: { above: 0.01 },
    periodMs: 5 * minuteMs,
    periods: 2,
    severity: 'page',
    means: 'More than 1 % of all calls end in a fault of ours.',
  },
  'api-latency': {
    watches: 'api',
    metric: 'Latency',
    statistic: 'p95',
    limit: { above: 3_000 },
    periodMs: 5 * minuteMs,
    periods: 3,
    severity: 'ticket',
    means: 'One call in twenty takes longer than three seconds.',
  },
  'function-errors': {
    watches: 'function',
    metric: 'Errors',
    statistic: 'Sum',
    limit: { above: 0 },
    periodMs: 5 * minuteMs,
    periods: 1,
    severity: 'ticket',
    means: 'A function crashed, timed out, or threw what its own code did not catch.',
  },
  'function-throttles': {
    watches: 'function',
    metric: 'Throttles',
    statistic: 'Sum',
    limit: { above: 0 },
    periodMs: 5 * minuteMs,
    periods: 2,
    severity: 'ticket',
    means: 'Lambda refuses to start a function: concurrency is used up.',
  },
  'relay-lag': {
    watches: 'stream',
    metric: 'IteratorAge',
    statistic: 'Maximum',
    limit: { above: minuteMs },
    periodMs: minuteMs,
    periods: 3,
    severity: 'page',
    means: 'Events wait in the outbox stream for more than a minute.',
  },
  'stream-given-up': {
    watches: 'given-up',
    metric: 'ApproximateNumberOfMessagesVisible',
    statistic: 'Maximum',
    limit: { above: 0 },
    periodMs: 5 * minuteMs,
    periods: 1,
    severity: 'ticket',
    means: 'The outbox stream gave up a batch of events: they wait for the sweeper instead.',
  },
  'sweeper-silent': {
    watches: 'schedule',
    metric: 'Invocations',
    statistic: 'Sum',
    limit: { below: 1 },
    periodMs: 5 * minuteMs,
    periods: 1,
    severity: 'page',
    means:
      'A sweeper has not run: events that the stream lost, or holds that lapsed, wait meanwhile.',
  },
  'queue-age': {
    watches: 'queue',
    metric: 'ApproximateAgeOfOldestMessage',
    statistic: 'Maximum',
    limit: { above: ({ toleratedOutageMs }) => toleratedOutageMs / 1000 },
    periodMs: minuteMs,
    periods: 3,
    severity: 'page',
    means:
      'A message waits for longer than its worker can ride out an outage. SQS does not count messages received more than three times.',
  },
  'dead-letters': {
    watches: 'parked-letters',
    metric: 'LettersParked' satisfies MetricName,
    statistic: 'Sum',
    limit: { above: 0 },
    periodMs: minuteMs,
    periods: 1,
    severity: 'page',
    means: 'A message was given up, and its effect is missing until somebody replays it.',
  },
  'letters-unparked': {
    watches: 'dead-letter',
    metric: 'ApproximateNumberOfMessagesVisible',
    statistic: 'Maximum',
    limit: { above: 0 },
    periodMs: 5 * minuteMs,
    periods: 3,
    severity: 'page',
    means: 'Letters stay in their dead-letter queue: the parker does not move them.',
  },
  'events-parked': {
    watches: 'own-metrics',
    metric: 'EventsParked' satisfies MetricName,
    statistic: 'Sum',
    limit: { above: 0 },
    periodMs: minuteMs,
    periods: 1,
    severity: 'page',
    means: 'An event cannot go to any queue: its effect is missing until somebody mends it.',
  },
  'units-given-up': {
    watches: 'own-metrics',
    metric: 'UnitsGivenUp' satisfies MetricName,
    statistic: 'Sum',
    limit: { above: 10 },
    periodMs: 5 * minuteMs,
    periods: 2,
    severity: 'ticket',
    means: 'Writes are answered 503 because others change the same records at every try.',
  },
  'pressure-critical': {
    watches: 'own-metrics',
    metric: 'PressureLevel' satisfies MetricName,
    statistic: 'Maximum',
    // The levels count from 0: this is CRITICAL.
    limit: { above: 1 },
    periodMs: minuteMs,
    periods: 3,
    severity: 'page',
    means: 'The queues are so long, or so old, that orders are turned away.',
  },
  'limits-degraded': {
    watches: 'own-metrics',
    metric: 'LimitsUnasked' satisfies MetricName,
    statistic: 'Sum',
    limit: { above: 10 },
    periodMs: minuteMs,
    periods: 3,
    severity: 'page',
    means:
      'Calls are decided without their limits, because these do not answer: they pass, or are refused, by a guess.',
  },
  'table-write-throttles': {
    watches: 'table',
    metric: 'WriteThrottleEvents',
    statistic: 'Sum',
    limit: { above: 0 },
    periodMs: 5 * minuteMs,
    periods: 2,
    severity: 'ticket',
    means: 'DynamoDB refuses writes: one key is hot, or traffic doubled too quickly.',
  },
  'table-read-throttles': {
    watches: 'table',
    metric: 'ReadThrottleEvents',
    statistic: 'Sum',
    limit: { above: 0 },
    periodMs: 5 * minuteMs,
    periods: 2,
    severity: 'ticket',
    means: 'DynamoDB refuses reads: one key is hot, or traffic doubled too quickly.',
  },
} as const satisfies Record<string, AlarmRow>;
