import { setTimeout as wait } from 'node:timers/promises';

const everyMs = 2;

/** Milliseconds until the look succeeds. @throws Error after 30 s: a lost effect is not a slow one. */
export async function untilVisible(look: () => Promise<boolean>): Promise<number> {
  const startedMs = performance.now();
  while (!(await look())) {
    if (performance.now() - startedMs > 30_000) throw new Error('no effect within 30 s');
    await wait(everyMs);
  }
  return performance.now() - startedMs;
}
