/** Runs the jobs in order, so many at once. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * One more every `rampMs`, until there are all: whoever begins with all at once waits for as many
 * cold starts at once.
 */
export async function pooled<T>(
  jobs: readonly (() => Promise<T>)[],
  inFlight: number,
  rampMs = 0,
): Promise<readonly T[]> {
  const results: T[] = [];
  const queue = jobs.entries();
  await Promise.all(
    Array.from({ length: inFlight }, async (_, nth) => {
      await sleep(nth * rampMs);
      for (const [index, job] of queue) results[index] = await job();
    }),
  );
  return results;
}
