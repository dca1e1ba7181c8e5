/** Calls at once, and calls by the clock, from one script that sees all of their answers. */
import { setTimeout } from 'k6/timers';

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(), ms);
  });

/** So many loops beside each other; each goes round until `step` answers false. */
export async function atOnce(loops: number, step: () => Promise<boolean>): Promise<void> {
  const loop = async () => {
    while (await step());
  };
  await Promise.all(Array.from({ length: loops }, loop));
}

export interface Pace {
  /** From one call's turn to the next, whatever becomes of them. What is late is made up for. */
  readonly everyMs: number;
  /** A call that finds as many under way is not made. */
  readonly mostInFlight: number;
  /** Asked before each turn; false ends it all. */
  readonly while: () => boolean;
}

/** @returns how many calls were not made, for want of room. */
export async function atPace(
  { everyMs, mostInFlight, while: goesOn }: Pace,
  step: () => Promise<void>,
): Promise<number> {
  const underWay = new Set<Promise<void>>();
  const startedAtMs = Date.now();
  let left = 0;
  for (let turn = 0; goesOn(); turn++) {
    if (underWay.size < mostInFlight) {
      const call: Promise<void> = step().finally(() => underWay.delete(call));
      underWay.add(call);
    } else left += 1;
    await pause(Math.max(0, startedAtMs + (turn + 1) * everyMs - Date.now()));
  }
  await Promise.all(underWay);
  return left;
}
