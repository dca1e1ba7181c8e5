/** Waits that end. */
import { StoreTimeoutError } from './errors.ts';

/** Calls `ring` once after so many milliseconds, unless it is cancelled before. */
export type Timer = (afterMs: number, ring: () => void) => () => void;

/** The work goes on when the wait ends; nobody listens then. @throws StoreTimeoutError */
export function within<T>(ms: number, work: Promise<T>, timer: Timer): Promise<T> {
  let cancel = () => {};
  const expired = new Promise<never>((_, reject) => {
    cancel = timer(ms, () => reject(new StoreTimeoutError(`no answer within ${ms} ms`)));
  });
  return Promise.race([work, expired]).finally(cancel);
}

export function systemTimer(afterMs: number, ring: () => void): () => void {
  const running = setTimeout(ring, afterMs);
  return () => clearTimeout(running);
}
