/** Waits until a run has come to rest. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Books } from '../audit/books.ts';
import { unsettled } from '../audit/events.ts';
import { messagesLeft } from '../queue-depth.ts';
import { invoke } from '../queues.ts';

export interface SettleOptions {
  readonly withinMs: number;
  readonly note: (text: string) => void;
}

/** As their schedules would, only more often. One that fails is made up for by the next. */
async function sweep(note: SettleOptions['note']): Promise<void> {
  for (const sweeper of ['outbox-sweeper', 'booking-sweeper'] as const)
    await invoke(sweeper).catch((error: unknown) => note(`${sweeper}: ${error}`));
}

/**
 * Until every event has come to its end and no queue holds anything, or the time is over.
 * @returns how many messages are left.
 */
export async function settled(
  read: () => Promise<Books>,
  { withinMs, note }: SettleOptions,
): Promise<number> {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    await sweep(note);
    const left = await messagesLeft();
    // The tables are large: they are read when nothing else can be on its way.
    const open = left === 0 ? unsettled(await read()).length : undefined;
    note(`${left} messages left, ${open ?? 'some'} events without an end`);
    if (open === 0 || Date.now() > untilMs) return left;
    await sleep(1_000);
  }
}
