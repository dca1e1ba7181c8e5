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
  PressureLevel: {
    unit: 'Count',
    dimensions: [],
    means:
      'What an environment last read of the queues: 0 NORMAL, 1 WARNING, 2 CRITICAL, 3 SHED. Once a reading.',
  },
  CallsShed: {
    unit: 'Count',
    dimensions: ['priority'],
    means: 'Calls refused because the queues are long, by the priority that counted.',
  },
  RelayJobsParked: {
    unit: 'Count',
    dimensions: ['by'],
    means:
      'Jobs of the relay that were given up: by the parker with their letter, or by the reconciler because they were overdue.',
  },
  RelaySlotsTaken: {
    unit: 'Count',
    dimensions: [],
    means: 'Jobs of the relay that are accepted and not yet done, of all tenants, each minute.',
  },
  CacheLookups: {
    unit: 'Count',
    dimensions: ['cache', 'outcome'],
    means:
      'What an environment had in memory when it was asked: hit, negative (known to be nothing), stale, miss (loaded, perhaps with others), unkept (loaded, as nobody could read what is old), failed.',
  },
  HoldsLapsed: {
    unit: 'Count',
    dimensions: [],
    means: 'Bookings that were held and not confirmed in time, as their sweeper finds them.',
  },
  RateLimited: {
    unit: 'Count',
    dimensions: ['limit', 'outcome'],
    means:
      'Refusals by a limit, named as callers are told: asked of the store, or foreseen from memory, at no cost.',
  },
  LimitsDegraded: {
    unit: 'Count',
    dimensions: ['outcome'],
    means:
      'Calls decided without the store of the limits: open (let pass), insurance (counted in memory and let pass), refused (by that count), closed (refused as not to be counted).',
  },
  LimitsUnasked: {
    unit: 'Count',
    dimensions: [],
    means:
      'The same calls over all outcomes, but for those that had too little time left themselves: somebody should look.',
  },
  TenantViolations: {
    unit: 'Count',
    dimensions: ['kind'],
    means:
      'Refused calls that named a tenant other than their token: other-tenant, reserved-tenant, or malformed-tenant, which is no name at all. All of them, also those that leave no event.',
  },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof metrics;
