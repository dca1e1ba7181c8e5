/** The ways a unit of work ends without an answer. Each names what its caller may do next. */

/** The key belongs to another request. Never to be repeated as it is. */
export class KeyReusedError extends Error {
  override name = 'KeyReusedError';
}

/** The write may have happened or may still happen. The same request under the same key finds out. */
export class OutcomeUnknownError extends Error {
  override name = 'OutcomeUnknownError';
}

/** Others changed the same items at every try; nothing was written. Safe to repeat. */
export class ContentionError extends Error {
  override name = 'ContentionError';
}

/** What stands under the key is no record, or does not give the first answer back. A fault of ours. */
export class RecordFaultError extends Error {
  override name = 'RecordFaultError';
}

/** The same request is being carried out elsewhere. Sent again after that time, it gets its answer. */
export class InProgressError extends Error {
  override name = 'InProgressError';
  /** What is left of the lease of whoever carries it out, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(message: string, { retryAfterMs }: { readonly retryAfterMs: number }) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}
