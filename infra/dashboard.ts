/** The dashboard, top to bottom as an order travels: what callers feel first, causes below. */
import type { MetricName } from '#shared/telemetry/metrics.ts';
import type { Kind } from './watched.ts';

export interface Line {
  readonly metric: string;
  readonly statistic: string;
}

export interface GraphRow {
  readonly title: string;
  /** One line for each thing of this kind and each of `lines`. */
  readonly of: Kind;
  readonly lines: readonly Line[];
}

export const dashboard: readonly GraphRow[] = [
  { title: 'Calls', of: 'api', lines: [{ metric: 'Count', statistic: 'Sum' }] },
  {
    title: 'Refusals and faults of the API, share of calls',
    of: 'api',
    lines: [
      { metric: '4XXError', statistic: 'Average' },
      { metric: '5XXError', statistic: 'Average' },
    ],
  },
  {
    title: 'Latency of the API, ms',
    of: 'api',
    lines: ['p50', 'p95', 'p99'].map((statistic) => ({ metric: 'Latency', statistic })),
  },
  { title: 'Function errors', of: 'function', lines: [{ metric: 'Errors', statistic: 'Sum' }] },
  {
    title: 'Function duration p95, ms',
    of: 'function',
    lines: [{ metric: 'Duration', statistic: 'p95' }],
  },
  {
    title: 'Functions at once',
    of: 'function',
    lines: [{ metric: 'ConcurrentExecutions', statistic: 'Maximum' }],
  },
  {
    title: 'Age of events in the outbox stream, ms',
    of: 'stream',
    lines: [{ metric: 'IteratorAge', statistic: 'Maximum' }],
  },
  {
    title: 'Messages waiting',
    of: 'queue',
    lines: [{ metric: 'ApproximateNumberOfMessagesVisible', statistic: 'Maximum' }],
  },
  {
    title: 'Age of the oldest message, s',
    of: 'queue',
    lines: [{ metric: 'ApproximateAgeOfOldestMessage', statistic: 'Maximum' }],
  },
  {
    title: 'Pressure (1 WARNING, 2 CRITICAL, 3 SHED)',
    of: 'own-metrics',
    lines: [{ metric: 'PressureLevel' satisfies MetricName, statistic: 'Maximum' }],
  },
  {
    title: 'Dead letters parked',
    of: 'parked-letters',
    lines: [{ metric: 'LettersParked' satisfies MetricName, statistic: 'Sum' }],
  },
  {
    title: 'Write units of the tables',
    of: 'table',
    lines: [{ metric: 'ConsumedWriteCapacityUnits', statistic: 'Sum' }],
  },
  {
    title: 'Throttled by DynamoDB',
    of: 'table',
    lines: ['ReadThrottleEvents', 'WriteThrottleEvents'].map((metric) => ({
      metric,
      statistic: 'Sum',
    })),
  },
];
