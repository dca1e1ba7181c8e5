/** Where a function dies on purpose: as in a real crash, no `finally` runs and nothing is handed back. */
import { writeSync } from 'node:fs';
import type { ItemReader, ItemWriter } from '../state/store.ts';
import { type CrashPoint, crashSwitch, readCrashSwitch } from './fault-items.ts';

export interface CrashPointOptions {
  readonly store: ItemReader & ItemWriter;
  /** The role of the table that holds the switches. */
  readonly table: string;
  /** Whose switch it is. */
  readonly subject: string;
  readonly enabled: boolean;
  readonly die?: (lastWords: Readonly<Record<string, string>>) => void | Promise<never>;
}

/** Dies here when its switch says so. */
export type CrashHere = (point: CrashPoint, traceId: string) => Promise<void>;

/**
 * Does nothing where faults are switched off. esbuild folds the first condition, and where it holds
 * nothing else of this folder is in the bundle.
 */
export const crashHere = (options: CrashPointOptions): CrashHere =>
  process.env.HOLDFAST_FAULTS_BUNDLED === 'false' || !options.enabled
    ? async () => {}
    : switchedCrash(options);

function switchedCrash({ store, table, subject, die = dieAtOnce }: CrashPointOptions): CrashHere {
  const { at, countDown } = crashSwitch(table, subject);
  return async (point, traceId) => {
    if (readCrashSwitch(await store.read(at))?.point !== point) return;
    // Counted before the crash, so that there are exactly as many as asked for.
    const { applied } = await store.write(countDown(point));
    if (applied) await die({ function: subject, point, trace_id: traceId });
  };
}

/** The line is written in one go: a stream's buffer would die with the process. */
function dieAtOnce(lastWords: Readonly<Record<string, string>>): never {
  const line = { level: 'WARN', message: 'crashing on purpose', ...lastWords };
  writeSync(2, `${JSON.stringify({ ...line, timestamp: new Date().toISOString() })}\n`);
  process.exit(1);
}
