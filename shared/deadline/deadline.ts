/**
 * The instant by which a caller must have its answer. One deadline travels from the edge to the last
 * store call, so that nobody works on for a caller who has stopped waiting.
 */
export interface Deadline {
  /** Milliseconds left; 0 when it has passed. */
  remainingMs(): number;
  /** Aborts when it passes. */
  readonly signal: AbortSignal;
}

export class DeadlineExceededError extends Error {
  override name = 'DeadlineExceededError';
}

export interface DeadlineOptions {
  /** Time from now, in milliseconds. 0 or less has passed already. */
  readonly inMs: number;
  /** A clock that only moves forward, in milliseconds. */
  readonly now?: () => number;
}

/** The timer behind `signal` does not keep a process alive. */
export function deadline({ inMs, now = () => performance.now() }: DeadlineOptions): Deadline {
  if (!Number.isFinite(inMs)) throw new RangeError(`inMs must be a finite number, got ${inMs}`);
  const atMs = now() + inMs;
  return {
    remainingMs: () => Math.max(0, atMs - now()),
    signal: AbortSignal.timeout(Math.max(0, Math.floor(inMs))),
  };
}

/** Checked before each store call: after the deadline none starts. @throws DeadlineExceededError */
export function assertRemaining({ remainingMs }: Deadline, neededMs: number, what: string): void {
  const leftMs = remainingMs();
  if (leftMs <= 0 || leftMs < neededMs)
    throw new DeadlineExceededError(`${Math.floor(leftMs)} ms are left, too few to ${what}`);
}
