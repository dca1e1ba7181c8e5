/** Waits that end. */

/** Calls `ring` once after so many milliseconds, unless it is cancelled before. */
export type Timer = (afterMs: number, ring: () => void) => () => void;

/**
 * The work goes on when the wait ends; nobody listens then.
 * @throws what `late` makes, when the time is up
 */
export function within<T>(
  ms: number,
  work: Promise<T>,
  late: (ms: number) => Error,
  timer: Timer = systemTimer,
): Promise<T> {
  let cancel = () => {};
  const expired = new Promise<never>((_, reject) => {
    cancel = timer(ms, () => reject(late(ms)));
  });
  return Promise.race([work, expired]).finally(cancel);
}

export function systemTimer(afterMs: number, ring: () => void): () => void {
  const running = setTimeout(ring, afterMs);
  return () => clearTimeout(running);
}
