/** One load through one algorithm, on a clock of its own and a store in memory that counts. */
import { memoryStore } from '#shared/state/memory-store.ts';
import type { ItemReader, ItemWriter } from '#shared/state/store.ts';
import { type Algorithm, capacity, windowMs } from './algorithms.ts';
import type { Load } from './loads.ts';

export interface Simulated {
  readonly offered: number;
  /** When each admitted call had its turn, from the beginning and in order. */
  readonly turnsMs: readonly number[];
  /** Most turns in any stretch as long as the window. */
  readonly mostInWindow: number;
  /** Though the window up to the call had room. */
  readonly refusedWithRoom: number;
  readonly writes: number;
  readonly reads: number;
  readonly delaysMs: readonly number[];
}

/** A boundary of windows. */
const beginMs = Date.UTC(2026, 0, 1);

export async function simulate({ make, alone }: Algorithm, load: Load): Promise<Simulated> {
  let nowMs = beginMs;
  let writes = 0;
  let reads = 0;
  const memory = memoryStore({ now: () => nowMs });
  const store: ItemReader & ItemWriter = {
    read(at, options) {
      reads += 1;
      return memory.read(at, options);
    },
    write(write, options) {
      writes += 1;
      return memory.write(write, options);
    },
  };
  const skewsMs = alone ? [0] : load.skewsMs;
  const limiters = skewsMs.map((skewMs) => make(store, () => nowMs + skewMs));
  const turnsMs: number[] = [];
  const delaysMs: number[] = [];
  let refusedWithRoom = 0;
  for (const { atMs, environment } of load.calls) {
    nowMs = beginMs + atMs;
    const limiter = limiters[environment % limiters.length];
    const answer = await limiter?.take('client');
    if (answer?.allowed) {
      turnsMs.push(atMs + answer.delayMs);
      delaysMs.push(answer.delayMs);
    } else if (turnsMs.filter((turnMs) => turnMs > atMs - windowMs).length < capacity)
      refusedWithRoom += 1;
  }
  turnsMs.sort((a, b) => a - b);
  return {
    offered: load.calls.length,
    turnsMs,
    mostInWindow: mostWithin(turnsMs),
    refusedWithRoom,
    writes,
    reads,
    delaysMs,
  };
}

function mostWithin(turnsMs: readonly number[]): number {
  let most = 0;
  let from = 0;
  for (const [to, turnMs] of turnsMs.entries()) {
    while ((turnsMs[from] ?? turnMs) <= turnMs - windowMs) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
