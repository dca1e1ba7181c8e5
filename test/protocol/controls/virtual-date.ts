/** `Date` on a run's clock, for code that takes no clock. */
import type { Clock } from '../scheduler/clock.ts';

/** Whoever asks for the time in `work` is told the clock's. */
export async function withVirtualDate<T>(clock: () => Clock, work: () => Promise<T>): Promise<T> {
  const real = globalThis.Date;
  globalThis.Date = class extends real {
    constructor(...given: [] | [number]) {
      super(given.length === 0 ? clock().nowMs : given[0]);
    }
    static override now(): number {
      return clock().nowMs;
    }
  } as DateConstructor;
  try {
    return await work();
  } finally {
    globalThis.Date = real;
  }
}
