/** The kinds of failure that a worker tells apart. Whatever else is thrown may pass: it is tried again. */

/** Trying again cannot help. The message is buried at once, under this cause. */
export class PermanentFault extends Error {
  override name = 'PermanentFault';
  /** A short slug for operators to group by: `order-missing`. Never personal data. */
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/**
 * Another worker is at this very message, and holds a lease on it, or at what must come before it.
 * Nothing is wrong: it comes back when the lease has ended, to find the work done, or to do it.
 */
export class InProgressElsewhere extends Error {
  override name = 'InProgressElsewhere';
  /** What is left of the lease, or of the time that the other needs. */
  readonly remainingMs: number;

  constructor(remainingMs: number, options?: ErrorOptions) {
    super('another worker is at it', options);
    this.remainingMs = remainingMs;
  }
}

/**
 * The recipient of an outside effect refused it (their 4xx), and would again. That is a result to
 * record, not a failure of ours: a use case catches it, and it never leads to a dead letter.
 */
export class RecipientFault extends Error {
  override name = 'RecipientFault';
}

/** What may be said of a fault anywhere: its name. Never empty, because SQS takes no empty attribute. */
export const nameOf = (fault: unknown): string =>
  fault instanceof Error ? fault.name || 'Error' : typeof fault;
