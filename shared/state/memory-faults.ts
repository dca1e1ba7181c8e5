/** What the ports in memory throw when a call is made to fail. */

/** Nobody can tell whether the call arrived. Called as the SDK calls it. */
export class LostAnswerError extends Error {
  override name = 'TimeoutError';
}
