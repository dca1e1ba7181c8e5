/** Where a function dies on purpose: as in a real crash, no `finally` runs and nothing is handed back. */
import { writeSync } from 'node:fs';
import type { ItemReader, ItemWriter } from '../state/store.ts';
import { type CrashPoint, crashSwitch, readCrashSwitch } from './fault-items.ts';

/** Dies here when the switch says so. */
export type CrashHere = (point: CrashPoint, traceId: string) => Promise<void>;

export interface CrashHereOptions {
  readonly store: ItemReader & ItemWriter;
  /** The role of the table that holds the switches. */
  readonly table: string;
  /** Whose switch it is. */
  readonly subject: string;
  readonly die?: (lastWords: Readonly<Record<string, string>>) => never;
}

export function crashHere({ store, table, subject, die = dieAtOnce }: CrashHereOptions): CrashHere {
  const { at, countDown } = crashSwitch(table, subject);
  return async (point, traceId) => {
    if (readCrashSwitch(await store.read(at))?.point !== point) return;
    // Counted before the crash, so that there are exactly as many as asked for.
    const { applied } = await store.write(countDown(point));
    if (applied) die({ function: subject, point, trace_id: traceId });
  };
}

/** The line is written in one go: what a stream has buffered dies with the process. */
function dieAtOnce(lastWords: Readonly<Record<string, string>>): never {
  const line = { level: 'WARN', message: 'crashing on purpose', ...lastWords };
  writeSync(2, `${JSON.stringify({ ...line, timestamp: new Date().toISOString() })}\n`);
  process.exit(1);
}
