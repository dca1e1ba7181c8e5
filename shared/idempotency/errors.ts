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
