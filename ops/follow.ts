/** The log of all functions as it grows. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Line, type LogEvent, readLine } from './log-line.ts';
import type { LogReader, StageLogs } from './log-reader.ts';

export interface FollowOptions extends StageLogs {
  /** Called for each line once; lines that arrive together come oldest first. */
  readonly onLine: (line: Line) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Default: from now on. */
  readonly sinceMs?: number;
  /** Time between two looks. */
  readonly everyMs?: number;
  /** How late a line may arrive behind a newer one of its group and still be seen. */
  readonly latenessMs?: number;
  /** Called when a look fails; the next one is tried all the same. Default: it throws. */
  readonly onFault?: (error: unknown) => void;
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const systemSleep = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });

/** Resolves when it was ended. @throws the reader's error, unless `onFault` takes it */
export async function followLogs({
  logs,
  groups,
  onLine,
  signal,
  everyMs = 500,
  latenessMs = 5_000,
  now = Date.now,
  sinceMs = now(),
  sleep = systemSleep,
  onFault = (error) => {
    throw error;
  },
}: FollowOptions): Promise<void> {
  const cursors = Object.entries(groups).map(([name, group]) => ({
    name,
    look: newEvents({ logs, group, sinceMs, latenessMs }),
  }));
  while (!signal.aborted) {
    const looks = await Promise.allSettled(
      cursors.map(async ({ name, look }) =>
        (await look()).flatMap((event) => readLine(name, event) ?? []),
      ),
    );
    if (signal.aborted) return;
    const lines = looks.flatMap((look) => (look.status === 'fulfilled' ? look.value : []));
    for (const line of lines.sort((a, b) => a.atMs - b.atMs)) onLine(line);
    const failed = looks.find((look) => look.status === 'rejected');
    if (failed) onFault(failed.reason);
    await sleep(everyMs, signal);
  }
}

interface Cursor {
  readonly logs: LogReader;
  readonly group: string;
  readonly sinceMs: number;
  readonly latenessMs: number;
}

/** Each call answers the events that none before it did. */
function newEvents({ logs, group, sinceMs, latenessMs }: Cursor) {
  let seen = new Set<string>();
  let newestMs = sinceMs;
  return async (): Promise<readonly LogEvent[]> => {
    const fromMs = Math.max(sinceMs, newestMs - latenessMs);
    const events = await logs.read({ group, sinceMs: fromMs });
    const named = withNames(events);
    const fresh = named.filter(([name]) => !seen.has(name)).map(([, event]) => event);
    // Older names cannot come up again: a look never begins before the one ahead of it.
    seen = new Set(named.map(([name]) => name));
    newestMs = Math.max(newestMs, events.at(-1)?.atMs ?? 0);
    return fresh;
  };
}

/** Events by a name that a later look finds again, also for equal lines of one instant. */
function withNames(events: readonly LogEvent[]): readonly (readonly [string, LogEvent])[] {
  const times = new Map<string, number>();
  return events.map((event) => {
    const name = event.id ?? JSON.stringify([event.stream, event.atMs, event.text]);
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return [`${name} ${time}`, event];
  });
}
