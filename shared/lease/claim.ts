/**
 * Claim: several sweepers share due work. Each goes through its parts in an order of its own, works
 * on those that nobody holds, and skips the others.
 *
 * Parts are few and stay the same (shards, tenants, jobs): each leaves an item in the lease table
 * for good. Due things themselves are not parts.
 */
import { LeaseLostError } from './heartbeat.ts';
import type { Guarded, Mutex } from './mutex.ts';

export interface ClaimOptions {
  /** With `waitMs` 0, unless sweepers are to queue for parts. */
  readonly mutex: Mutex;
  readonly random?: () => number;
}

export interface Pull<T> {
  readonly parts: readonly string[];
  /** Asked before each part: with false the rest is left. */
  readonly hasTime: () => boolean;
  readonly work: (part: string, held: Guarded) => Promise<T>;
}

export interface Pulled<T> {
  readonly done: readonly { readonly part: string; readonly result: T }[];
  /** Held by another, or lost to one. */
  readonly skipped: readonly string[];
  readonly left: readonly string[];
}

export type Claim = <T>(pull: Pull<T>) => Promise<Pulled<T>>;

/** A part that fails does not keep the others waiting. @throws AggregateError of all that failed. */
export function claim({ mutex, random = Math.random }: ClaimOptions): Claim {
  return async <T>({ parts, hasTime, work }: Pull<T>) => {
    const done: { part: string; result: T }[] = [];
    const skipped: string[] = [];
    const failed: unknown[] = [];
    const left = shuffled(parts, random);
    while (left.length > 0 && hasTime()) {
      const part = left.shift() as string;
      try {
        const ran = await mutex.run(part, (held) => work(part, held));
        if (ran.ran) done.push({ part, result: ran.result });
        else skipped.push(part);
      } catch (error) {
        if (error instanceof LeaseLostError) skipped.push(part);
        else failed.push(error);
      }
    }
    if (failed.length > 0) throw new AggregateError(failed, `${failed.length} parts failed`);
    return { done, skipped, left };
  };
}

/** Fisher and Yates, so that sweepers that start together do not meet at every part. */
function shuffled(parts: readonly string[], random: () => number): string[] {
  const order = [...parts];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as string, order[i] as string];
  }
  return order;
}
