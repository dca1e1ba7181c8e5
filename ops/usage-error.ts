/** A command was used wrongly. The message says what is wrong; its usage goes with it. */
export class UsageError extends Error {
  override name = 'UsageError';
}
