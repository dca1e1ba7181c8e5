/**
 * Every metric: its name in CloudWatch, unit and dimensions. Dimensions are few-valued; ids and
 * tenants are log fields, never dimensions (each value of a dimension is a billed metric).
 */
export interface MetricRow {
  readonly unit: 'Count' | 'Milliseconds';
  readonly dimensions: readonly string[];
  readonly means: string;
}

export const metrics = {
  Requests: {
    unit: 'Count',
    dimensions: ['route', 'outcome'],
    means: 'Answers of a route; outcome is ok (below 400), refused (4xx) or failed (5xx).',
  },
  RequestDuration: {
    unit: 'Milliseconds',
    dimensions: ['route'],
    means: 'From the first middleware to the answer.',
  },
  UnitsOfWork: {
    unit: 'Count',
    dimensions: ['subject', 'outcome'],
    means:
      'Runs and ends of units of work: committed, replayed, refused, unknown; conflicted is a run that others were in the way of, gave-up the end after as many as are allowed. With a lease also in-progress (another is at it) and taken-over. Runs again are the difference.',
  },
  UnitsGivenUp: {
    unit: 'Count',
    dimensions: [],
    means: 'Units of work that others were in the way of at every run; the log line says whose.',
  },
  EventsRelayed: { unit: 'Count', dimensions: ['queue'], means: 'Events handed to their queue.' },
  RelayLag: {
    unit: 'Milliseconds',
    dimensions: ['queue'],
    means: 'From the commit of an event to its queue.',
  },
  EventsSwept: {
    unit: 'Count',
    dimensions: ['queue'],
    means: 'Events that the stream did not deliver and the sweeper did.',
  },
  EventsParked: {
    unit: 'Count',
    dimensions: [],
    means: 'Events that no queue can take; the log line says why.',
  },
  LettersParked: {
    unit: 'Count',
    dimensions: ['queue'],
    means: 'Dead letters that wait for an operator; at least once each.',
  },
  Messages: {
    unit: 'Count',
    dimensions: ['queue', 'outcome'],
    means: 'Ends of messages: done, duplicate, stale, retried, buried, handed-back, undeliverable.',
  },
  EventAge: {
    unit: 'Milliseconds',
    dimensions: ['queue'],
    means: 'From the commit of an event to the end of its work.',
  },
  HoldsLapsed: {
    unit: 'Count',
    dimensions: [],
    means: 'Bookings that were held and not confirmed in time, as their sweeper finds them.',
  },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof metrics;
