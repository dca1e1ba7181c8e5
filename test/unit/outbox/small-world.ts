/**
 * An outbox, its stream, its queues and a clock, small enough that every way in which a step can fail
 * can be tried. A process that dies reaches nothing any more; what it had done stays done.
 */

import { uuidV7 } from '#shared/ids/uuid.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { type HandOn, type HandOnOptions, handOn } from '#shared/outbox/hand-on.ts';
import {
  bucketOf,
  eventsOfLedger,
  eventWrite,
  isLedger,
  partitionsOf,
} from '#shared/outbox/outbox-items.ts';
import { outboxRelay } from '#shared/outbox/relay.ts';
import { outboxSweeper } from '#shared/outbox/sweeper.ts';
import { memoryQueue } from '#shared/queue/memory-queue.ts';
import { LostAnswerError } from '#shared/state/memory-faults.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

export const startMs = Date.UTC(2026, 0, 1, 12);
const minuteMs = 60_000;

let made = 0;

/** The events of a test have distinct ids, the same in every run. */
export function event(fields: Partial<DomainEvent> = {}): DomainEvent {
  const occurredAtMs = fields.occurredAtMs ?? startMs;
  const bytes = () => Buffer.from((++made).toString(16).padStart(20, '0'), 'hex');
  return {
    id: uuidV7({ now: () => occurredAtMs, bytes }),
    type: 'created',
    tenant: 'acme',
    aggregate: 'thing/1',
    seq: 1,
    occurredAtMs,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    correlationId: 'request-1',
    data: { thingId: '1' },
    ...fields,
  };
}

export const queueOf = (type: string): string | undefined =>
  ({ created: 'process', changed: 'tell' })[type];

/** How one call fails. A message is named by its place in the call. */
export type Failure =
  | 'die-before'
  | 'die-after'
  | 'lose-request'
  | 'lose-answer'
  | { readonly failed: number }
  | { readonly refused: number };

export interface Step {
  readonly verb: 'write' | 'send';
  /** Messages of a send; 0 for a write. */
  readonly messages: number;
}

export const failuresOf = ({ messages }: Step): readonly Failure[] => [
  'die-before',
  'die-after',
  'lose-request',
  'lose-answer',
  ...Array.from({ length: messages }, (_, i) => [{ failed: i }, { refused: i }]).flat(),
];

class Died extends Error {
  override name = 'Died';
}

export interface WorldOptions {
  readonly events: readonly DomainEvent[];
  /** The failure of each step, counted from 0 over all processes; most have none. */
  readonly failures?: ReadonlyMap<number, Failure>;
  /** Puts a mutant in the place of the real thing. */
  readonly handingOn?: (options: HandOnOptions) => HandOn;
}

export function world({ events, failures = new Map(), handingOn = handOn }: WorldOptions) {
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const steps: Step[] = [];
  let dead = false;
  let armed = false;

  function nextFailure(step: Step): Failure | undefined {
    if (dead) throw new Died('dead');
    if (!armed) return undefined;
    const failure = failures.get(steps.length);
    steps.push(step);
    if (failure === 'die-before') {
      dead = true;
      throw new Died('died');
    }
    if (failure === 'die-after') dead = true;
    return failure;
  }

  const store = memoryStore({
    now,
    faults({ verb }) {
      if (verb !== 'write') return undefined;
      const failure = nextFailure({ verb, messages: 0 });
      if (failure === 'die-after') return 'lose-answer';
      return typeof failure === 'string' && failure !== 'die-before' ? failure : undefined;
    },
  });
  const queue = memoryQueue({
    faults({ verb, messages }) {
      if (verb !== 'send') return undefined;
      const failure = nextFailure({ verb, messages: messages.length });
      if (failure === undefined || failure === 'die-before') return undefined;
      if (failure === 'die-after') return 'lose-answer';
      if (typeof failure === 'string') return failure;
      return 'failed' in failure
        ? { failed: [messages[failure.failed]?.id ?? ''] }
        : { refused: [messages[failure.refused]?.id ?? ''] };
    },
  });
  const options = (by: 'relay' | 'sweeper'): HandOnOptions => ({
    by,
    store,
    queues: queue,
    queueOf,
    tracing: false,
    outboxTable: 'outbox',
    parkedTable: 'parked',
    ledgerMs: 7 * 86_400_000,
    parkedMs: 30 * 86_400_000,
    now,
  });
  const relay = outboxRelay(handingOn(options('relay')));
  const sweep = outboxSweeper({
    handOn: handOn(options('sweeper')),
    store,
    table: 'outbox',
    sweepAfterMs: minuteMs,
    claimMs: 2 * minuteMs,
    everyMs: minuteMs,
    recentBuckets: 2,
    olderEveryRuns: 60,
    horizonMs: 3_600_000,
    now,
  });

  /** Runs a process to its end; undefined when it died or failed on the way. */
  async function process<T>(run: () => Promise<T>): Promise<T | undefined> {
    dead = false;
    armed = true;
    try {
      const result = await run();
      return dead ? undefined : result;
    } catch (error) {
      if (error instanceof Died || error instanceof LostAnswerError) return undefined;
      throw error;
    } finally {
      armed = false;
      dead = false;
    }
  }

  const ids = (table: string) => store.items(table);
  return {
    clock,
    steps,
    store,
    queue,
    /** The transaction that made the events, with nothing of the protocol in it. */
    async commit() {
      for (const each of events)
        await store.write(eventWrite(each, { table: 'outbox', retainMs: 7 * 86_400_000 }));
    },
    /** One batch of the stream. Dead or failed, it begins at `from`; undefined when all is done. */
    async relay(from = 0): Promise<number | undefined> {
      const inserts = events.slice(from).map((each, i) => ({
        sequenceNumber: String(from + i),
        item: store.items('outbox').find(({ sk }) => sk === each.id) as NonNullable<
          ReturnType<typeof ids>[number]
        >,
      }));
      const relayed = await process(() => relay(inserts));
      if (!relayed) return from;
      return relayed.failedAt === undefined ? undefined : Number(relayed.failedAt);
    },
    async sweep() {
      clock.nowMs += 3 * minuteMs;
      return process(() => sweep({ hasTime: () => true, handedOn: async () => {} }));
    },
    taken: (queueName: string) => queue.taken(queueName).map(({ id }) => id),
    parked: () => store.items('parked').map(({ sk }) => String(sk)),
    ledgered: () => store.items('outbox').filter(isLedger).flatMap(eventsOfLedger),
    /** Ledgers that no sweeper would find beside the events they name. */
    strayLedgers: () =>
      store
        .items('outbox')
        .filter(isLedger)
        .filter((item) =>
          eventsOfLedger(item).some(
            (id) => !partitionsOf(bucketOf(id)).includes(String(item['pk'])),
          ),
        ),
  };
}

export type World = ReturnType<typeof world>;
