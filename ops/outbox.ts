/** `npm run ops -- outbox …`: stored events, handed to their queues once more. */
import { setTimeout as wait } from 'node:timers/promises';
import { eventRowOf } from '#functions/tables/events.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { toMessage } from '#shared/outbox/message.ts';
import { dueAfter, eventsToReplay, partitionsBetween } from '#shared/outbox/replay.ts';
import { itemsOfPartition } from '#shared/outbox/whole-bucket.ts';
import { callsOf } from '#shared/queue/calls.ts';
import type { QueueSender } from '#shared/queue/queue.ts';
import { sqsQueue } from '#shared/queue/sqs-queue.ts';
import type { RangeReader } from '#shared/state/store.ts';
import { type OutboxOrder, readOutboxOptions } from './outbox-options.ts';
import { type Bar, progressBar } from './progress-bar.ts';
import { queueUrls } from './queue-urls.ts';
import { enterStage, type StackOptions } from './stack.ts';
import { stageSqs, stageStore } from './stage-clients.ts';
import { type Said, say } from './stage-options.ts';

export interface OutboxParts {
  readonly store: RangeReader;
  readonly queues: QueueSender;
  readonly tell: (said: Said) => void;
  readonly bar?: Bar;
  /** Ends it before the next call: what it had in hand is sent. */
  readonly signal?: AbortSignal;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** As of a process that SIGINT ended. */
const interrupted = 130;

/** @returns the exit code: 0 done, 1 some could not be sent or the aggregate has none, 130 interrupted. */
export async function replayOutbox(
  { filter, ratePerSecond, dryRun }: OutboxOrder & { readonly dryRun: boolean },
  parts: OutboxParts,
): Promise<number> {
  const { tell, bar } = parts;
  const events = await readEvents(filter, parts);
  bar?.clear();
  if (parts.signal?.aborted) {
    tell({ text: 'interrupted: no event was sent', facts: { sent: 0, interrupted: true } });
    return interrupted;
  }
  for (const [type, alike] of Map.groupBy(events, (event) => event.type)) {
    const queue = eventRowOf(type)?.queue ?? 'no queue';
    tell({
      text: `${type}  ${alike.length}  to ${queue}`,
      facts: { type, events: alike.length, queue },
    });
  }
  if (dryRun || events.length === 0) {
    tell({
      text: `${events.length} event(s) ${dryRun ? 'would be sent' : 'found'}`,
      facts: { events: events.length, dryRun },
    });
    // Somebody who names an aggregate means one that there is.
    return events.length === 0 && filter.aggregate !== undefined ? 1 : 0;
  }
  const { tried, failed } = await sendAll(events, ratePerSecond, parts);
  bar?.clear();
  const sent = tried - failed;
  if (tried < events.length) {
    const unsent = events.length - tried;
    tell({
      text: `interrupted: ${sent} event(s) sent, ${failed} not, ${unsent} not tried; run it again: what goes twice happens once`,
      facts: { sent, failed, unsent, interrupted: true },
    });
    return interrupted;
  }
  tell({ text: `${sent} event(s) sent, ${failed} not`, facts: { sent, failed } });
  return failed > 0 ? 1 : 0;
}

async function readEvents(
  filter: OutboxOrder['filter'],
  { store, bar, signal }: OutboxParts,
): Promise<readonly DomainEvent[]> {
  const partitions = partitionsBetween(filter);
  const events: DomainEvent[] = [];
  let read = 0;
  const together = 16;
  for (let i = 0; i < partitions.length && !signal?.aborted; i += together) {
    const some = partitions.slice(i, i + together).map(async (partition) => {
      events.push(...eventsToReplay(await itemsOfPartition(store, 'outbox', partition), filter));
      bar?.show(++read, partitions.length, 'partitions read');
    });
    await Promise.all(some);
  }
  // Each partition is in order, and an aggregate's events stand in several.
  return events.toSorted((a, b) => a.occurredAtMs - b.occurredAtMs || a.seq - b.seq);
}

/** One call after the other, no faster than the rate: the order holds, as far as a queue keeps it. */
async function sendAll(
  events: readonly DomainEvent[],
  ratePerSecond: number,
  { queues, bar, signal, now = Date.now, sleep = wait }: OutboxParts,
): Promise<{ readonly tried: number; readonly failed: number }> {
  const beganMs = now();
  let failed = 0;
  let done = 0;
  while (done < events.length && !signal?.aborted) {
    const due = dueAfter(now() - beganMs, ratePerSecond, events.length);
    if (due === done) await sleep(1_000 / ratePerSecond);
    const batch = events.slice(done, due);
    for (const [queue, alike] of Map.groupBy(batch, ({ type }) => eventRowOf(type)?.queue)) {
      if (queue === undefined) failed += alike.length;
      else
        for (const call of callsOf(alike.map((event) => toMessage(event, { tracing: false }))))
          failed += (await queues.send(queue, call)).filter(({ sent }) => !sent).length;
    }
    done += batch.length;
    bar?.show(done, events.length, 'events');
  }
  return { tried: done, failed };
}

export async function outbox(
  args: readonly string[],
  out: (text: string) => void,
  stackOptions: StackOptions = {},
): Promise<number> {
  const { stage, port, json, ...asked } = readOutboxOptions(args, Date.now());
  enterStage(stage, { ...stackOptions, port });
  const client = stageSqs();
  const ended = new AbortController();
  const end = () => ended.abort();
  process.once('SIGINT', end);
  try {
    return await replayOutbox(asked, {
      store: stageStore(stage, ['outbox']),
      queues: sqsQueue({ client, urls: await queueUrls(client, stage) }),
      tell: say(json, out),
      bar: progressBar(),
      signal: ended.signal,
    });
  } finally {
    process.off('SIGINT', end);
  }
}
