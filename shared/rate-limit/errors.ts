/** A take that its store let neither happen nor be refused. Nothing was taken. */
export class UnsettledTakeError extends Error {
  override name = 'UnsettledTakeError';
}

/** A store did not answer in time. What was sent may still happen. */
export class StoreTimeoutError extends Error {
  override name = 'StoreTimeoutError';
}

/** A call's own time was too short for its limits to be asked. It says nothing of their store. */
export class TooLittleTimeError extends Error {
  override name = 'TooLittleTimeError';
}

/** The store of the limits is down, and the call is not to pass without them. */
export class LimitsUnavailableError extends Error {
  override name = 'LimitsUnavailableError';
  /** The store is tried again after it. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}
