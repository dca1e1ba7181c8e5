/** Workers die while a run goes on: one switch at a time for each queue, the next when it is used up. */
import type { QueueName } from '#functions/tables/queues.ts';
import { type CrashSwitch, crashSwitch, readCrashSwitch } from '#shared/faults/fault-items.ts';
import type { ItemReader, ItemWriter } from '#shared/state/store.ts';

/** Poison must be about for those after a burial. */
export const crashPlan = {
  'order:process': [
    { point: 'after-effect', times: 3 },
    { point: 'after-burial', times: 2 },
    { point: 'before-effect', times: 3 },
  ],
  'email:send': [
    { point: 'before-effect', times: 2 },
    { point: 'after-burial', times: 1 },
    { point: 'after-effect', times: 3 },
  ],
  'audit:record': [
    { point: 'after-burial', times: 2 },
    { point: 'after-effect', times: 2 },
    { point: 'before-effect', times: 2 },
  ],
  'relay:deliver': [
    { point: 'after-effect', times: 2 },
    { point: 'before-effect', times: 2 },
    { point: 'after-burial', times: 1 },
  ],
  'violation:record': [
    { point: 'after-effect', times: 1 },
    { point: 'after-burial', times: 1 },
    { point: 'before-effect', times: 1 },
  ],
} as const satisfies Partial<Record<QueueName, readonly CrashSwitch[]>>;

export interface Crashes {
  /** Sets whatever is due. Resolves to whether all are used up. */
  tend(): Promise<boolean>;
  /** No more of them. */
  clear(): Promise<void>;
}

export function crashes(store: ItemReader & ItemWriter): Crashes {
  const queues = Object.entries(crashPlan).map(([queue, points]) => ({
    ...crashSwitch('state', queue),
    due: [...points] as CrashSwitch[],
  }));
  return {
    async tend() {
      const left = await Promise.all(
        queues.map(async ({ at, set, due }) => {
          if (readCrashSwitch(await store.read(at))) return true;
          const next = due.shift();
          if (next) await store.write(set(next));
          return next !== undefined;
        }),
      );
      return !left.includes(true);
    },
    async clear() {
      for (const { clear } of queues) await store.write(clear());
    },
  };
}
