/** Outbox: orders that publish, a relay on the stream of what they published, and sweepers. */
import { uuidV7 } from '#shared/ids/uuid.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import type { HandOnOptions } from '#shared/outbox/hand-on.ts';
import type { Item } from '#shared/state/items.ts';
import { startMs } from '../scheduler/clock.ts';
import type { ActorSpec, Scenario } from '../scheduler/execute.ts';
import type { Self, Stage } from '../scheduler/stage.ts';
import type { Violation } from '../scheduler/trace.ts';
import { domain, requestMs, sortedTexts } from './requests.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const table = 'outbox';

/** The nth event of all, so that ids are the same in every run; in the last shard but one. */
export function eventOf(nth: number, fields: Partial<DomainEvent> = {}): DomainEvent {
  const bytes = () => Buffer.from((nth * 8).toString(16).padStart(20, '0'), 'hex');
  return {
    id: uuidV7({ now: () => startMs, bytes }),
    type: 'created',
    tenant: 'acme',
    aggregate: `thing/${nth}`,
    seq: 1,
    occurredAtMs: startMs,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    correlationId: 'request-1',
    data: { thingId: String(nth) },
    ...fields,
  };
}

const queueOf = (type: string): string | undefined =>
  ({ created: 'process', changed: 'tell' })[type];

const handingOn = (self: Self, by: 'relay' | 'sweeper'): HandOnOptions => ({
  by,
  store: self.store,
  queues: self.queue,
  queueOf,
  tracing: false,
  outboxTable: table,
  parkedTable: 'parked',
  ledgerMs: 7 * dayMs,
  parkedMs: 30 * dayMs,
  now: self.now,
  // In the bucket of the events, as every clock of that minute would have it.
  newId: () => uuidV7({ now: self.now, bytes: () => Buffer.alloc(10, self.newId()) }),
});

export interface Outbox {
  readonly name: string;
  readonly events: readonly DomainEvent[];
  /** Whether the events stand there from the start; else clients make them in units of work. */
  readonly stored: boolean;
  readonly actors: readonly ('relay' | 'sweeper')[];
  /** A stream that is told of a failure comes again from there, or does not. */
  readonly repeats: boolean;
}

export const outbox = ({ name, events, stored, actors, repeats }: Outbox): Scenario => ({
  name,
  frozenMs: 5 * minuteMs,
  settles: true,
  async start(stage) {
    const { store, subject, clock } = stage;
    const retained = { table, retainMs: 7 * dayMs };
    const stream = streamOf(stage);
    if (stored) {
      for (const event of events) await store.write(subject.eventWrite(event, retained));
      clock.nowMs += 3 * minuteMs;
    }

    const client = (event: DomainEvent): ActorSpec => ({
      name: `client ${event.data['thingId']}`,
      async act(self) {
        const unit = subject.unitOfWork({
          store: self.store,
          recordsTable: 'state',
          now: self.now,
          random: self.random,
          newId: self.newId,
          sleep: self.sleep,
        });
        const request = {
          key: event.id,
          fingerprint: event.id,
          retainMs: dayMs,
          deadline: self.deadline(requestMs),
          subject: 'scenario',
        };
        const make = async () => ({
          answer: {},
          writes: [
            { put: { madeWith: event.id, version: 1 }, at: domain(event.aggregate) },
            subject.eventWrite(event, retained),
          ],
        });
        await unit.run(request, make).catch(isForAnotherTry);
      },
    });

    /** Goes on from its checkpoint until the stream is done: as long as anybody may still publish. */
    const relay: ActorSpec = {
      name: 'relay',
      restarts: repeats,
      async act(self) {
        const work = subject.outboxRelay(subject.handOn(handingOn(self, 'relay')));
        for (let batches = 0; batches < 3; batches++) {
          const batch = stream.next();
          if (batch.length === 0) return;
          const { failedAt } = await work(batch);
          const done = failedAt === undefined || !repeats;
          stream.checkpoint(done ? (batch.at(-1)?.sequenceNumber ?? '') : failedAt, done);
        }
      },
    };
    const sweepOnce = (self: Self) =>
      subject.outboxSweeper({
        handOn: subject.handOn(handingOn(self, 'sweeper')),
        store: self.store,
        table,
        sweepAfterMs: minuteMs,
        claimMs: 2 * minuteMs,
        everyMs: minuteMs,
        recentBuckets: 1,
        olderEveryRuns: 1,
        horizonMs: 1,
        now: self.now,
      })({ hasTime: () => true, handedOn: async () => {} });
    const sweeper = (nth: number): ActorSpec => ({
      name: `sweeper ${nth}`,
      act: (self) => sweepOnce(self).then(() => {}, isForAnotherTry),
    });

    const broken: Violation[] = [];
    const breaks = (never: string, because: string) => void broken.push({ never, because });
    const settled = (): ReadonlySet<string> =>
      new Set([
        ...['process', 'tell'].flatMap((queue) => stage.queue.taken(queue).map(({ id }) => id)),
        ...store.items('parked').map(({ sk }) => String(sk)),
      ]);
    const published = () => store.items(table).filter(({ kind }) => kind === 'event');

    function afterStep(): readonly Violation[] {
      const made = new Set(store.items('domain').map(({ madeWith }) => String(madeWith)));
      const told = new Set(published().map(({ sk }) => String(sk)));
      if (stored) return broken;
      for (const id of made) if (!told.has(id)) breaks('a write without its event', id);
      for (const id of told) if (!made.has(id)) breaks('an event without its write', id);
      return broken;
    }

    return {
      actors: [
        ...(stored ? [] : events.map(client)),
        ...actors.map((actor, nth) => (actor === 'relay' ? relay : sweeper(nth))),
      ],
      async epilogue(self) {
        for (let run = 0; run < 2; run++) {
          clock.nowMs += 3 * minuteMs;
          await sweepOnce(self);
        }
      },
      afterStep,
      audit() {
        const gone = settled();
        for (const { sk } of published())
          if (!gone.has(String(sk))) breaks('an event lost', `${String(sk)} went nowhere`);
        return afterStep();
      },
      state: () => [
        ['domain', 'state', table, 'parked'].map((each) => sortedTexts(store.items(each))),
        ['process', 'tell'].map((queue) => stage.queue.taken(queue).map(({ id }) => id)),
        stream.state(),
      ],
    };
  },
});

/** What the table's stream tells, from the last checkpoint on. */
function streamOf({ store }: Stage) {
  let done = -1;
  const all = (): readonly { readonly sequenceNumber: string; readonly item: Item }[] =>
    store
      .items(table)
      .filter(({ kind }) => kind === 'event')
      .map((item, nth) => ({ sequenceNumber: String(nth), item }));
  return {
    next: () => all().filter(({ sequenceNumber }) => Number(sequenceNumber) > done),
    checkpoint(sequenceNumber: string, isDone: boolean) {
      done = Number(sequenceNumber) - (isDone ? 0 : 1);
    },
    state: () => done,
  };
}

/** Its client, or its schedule, comes again. */
function isForAnotherTry(error: unknown): void {
  const names = ['OutcomeUnknownError', 'DeadlineExceededError', 'ContentionError', 'TimeoutError'];
  if (!(error instanceof Error) || !names.includes(error.name)) throw error;
}

const ofTwoAggregates = [eventOf(1), eventOf(2)];
const ofOneAggregate = [
  eventOf(3, { aggregate: 'thing/3', seq: 1 }),
  eventOf(4, { aggregate: 'thing/3', seq: 2, type: 'changed' }),
];

export const outboxes: readonly Scenario[] = [
  outbox({
    name: 'outbox, two clients publish',
    events: ofTwoAggregates,
    stored: false,
    actors: [],
    repeats: true,
  }),
  ...[true, false].map((repeats) =>
    outbox({
      name: `outbox, relay and sweeper at the same events${repeats ? '' : ', on a stream that does not come again'}`,
      events: ofTwoAggregates,
      stored: true,
      actors: ['relay', 'sweeper'],
      repeats,
    }),
  ),
  outbox({
    name: 'outbox, relay and sweeper at two events of one aggregate',
    events: ofOneAggregate,
    stored: true,
    actors: ['relay', 'sweeper'],
    repeats: true,
  }),
  outbox({
    name: 'outbox, two sweepers at the same events',
    events: ofTwoAggregates,
    stored: true,
    actors: ['sweeper', 'sweeper'],
    repeats: true,
  }),
];

export const outboxesOfThree: readonly Scenario[] = [
  outbox({
    name: 'outbox, a relay and two sweepers at the same events',
    events: ofTwoAggregates,
    stored: true,
    actors: ['relay', 'sweeper', 'sweeper'],
    repeats: true,
  }),
];
