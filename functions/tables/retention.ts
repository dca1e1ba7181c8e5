/** How long each kind of record is kept. A test holds the sums (test/unit/tables/retention.test.ts). */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const retention = {
  /** A bearer token is good for so long at most. */
  tokenMs: 24 * hourMs,
  /** A retried request replays its first answer for this long. */
  idempotencyMs: 24 * hourMs,
  outboxMs: 7 * dayMs,
  queueMs: 4 * dayMs,
  /** Longer than the queue's, because SQS counts a letter's age from its first day in the queue. */
  deadLetterMs: 14 * dayMs,
  parkedMs: 30 * dayMs,
  /** The longest way of an event to its worker (all of the above but the first), and a day. */
  inboxMs: 56 * dayMs,
  logsMs: 30 * dayMs,
  /** Of a violation: a year of evidence, and a month to look at it. */
  violationMs: 400 * dayMs,
} as const;
