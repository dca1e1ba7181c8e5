import { describe, expect, it } from 'vitest';
import type { EventOf } from '#functions/consumed-event.ts';
import type { Done } from '#functions/consumer.ts';
import { replayEventsStep } from '#functions/dlq-replay/replay-events.ts';
import { eventTypes } from '#functions/tables/events.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { type DomainEvent, readEvent } from '#shared/outbox/event.ts';
import {
  type EventReplay,
  eventReplayAddress,
  eventReplayWrite,
  noEventYet,
  readEventReplay,
} from '#shared/outbox/event-replay.ts';
import { eventWrite } from '#shared/outbox/outbox-items.ts';
import { startOf } from '#shared/outbox/replay-page.ts';
import { memoryQueue, type QueueCall, type QueueFault } from '#shared/queue/memory-queue.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import { InProgressElsewhere } from '#shared/worker/faults.ts';
import { eventAt as anyEventAt } from '../outbox/event-at.ts';

type StepEvent = EventOf<'events.replay-requested'>;

const startMs = Date.UTC(2026, 0, 1);
const nowMs = startMs + 3_600_000;
const now = () => nowMs;
const effects = { table: 'domain', key: { pk: 'effects', sk: 'effects' } };

const eventAt = (occurredAtMs: number, fields: Partial<DomainEvent> = {}): DomainEvent =>
  anyEventAt(occurredAtMs, { data: { orderId: 'o1', userId: 'u1' }, ...fields });

interface Faults {
  readonly ofStore?: (call: StoreCall) => Fault | undefined;
  readonly ofQueue?: (call: QueueCall) => QueueFault | undefined;
}

function given(fields: Partial<EventReplay> = {}, { ofStore, ofQueue }: Faults = {}) {
  const store = memoryStore({ now, ...(ofStore && { faults: ofStore }) });
  const queues = memoryQueue({ now, ...(ofQueue && { faults: ofQueue }) });
  const filter = { fromMs: startMs, toMs: nowMs };
  const replay: EventReplay = {
    id: 'r1',
    version: 1,
    state: 'running',
    dryRun: false,
    filter,
    ratePerSecond: 1,
    requestedBy: 'ops',
    requestedAtMs: nowMs,
    step: 1,
    position: startOf(filter),
    progress: noEventYet,
    expiresAtMs: nowMs + 1_000,
    ...fields,
  };
  const unit = unitOfWork({ store, recordsTable: 'state', sleep: async () => {} });
  const once = (
    queue: string,
    { id }: { readonly id: string },
    decide: (reader: UnitReader) => Promise<Decision<Done, never>>,
  ) =>
    unit.run<Done, never>(
      {
        key: unitKey('inbox', queue, id),
        fingerprint: id,
        retainMs: 60_000,
        deadline: deadline({ inMs: 60_000 }),
        subject: queue,
      },
      decide,
    );
  const first: StepEvent = {
    ...eventAt(nowMs, { aggregate: 'event-replay/r1' }),
    type: 'events.replay-requested',
    data: { replayId: 'r1', step: 1 },
  };
  const step = (event: StepEvent, { remainingMs = 20_000 } = {}) =>
    once('dlq:replay', event, (reader) =>
      replayEventsStep(event, {
        ...{ reader, store, queues, tracing: false, now },
        deadline: deadline({ inMs: remainingMs }),
      }),
    );
  const steps = () => [first, ...queues.taken('dlq:replay').map(eventIn<StepEvent>)];
  return {
    ...{ store, queues, first, step, steps },
    request: () => store.write(eventReplayWrite('parked', replay)),
    async keep(...events: readonly DomainEvent[]) {
      for (const event of events)
        await store.write(eventWrite(event, { table: 'outbox', retainMs: 604_800_000 }));
      return events;
    },
    /** Every message of a step, until all is done; one that fails comes again. */
    async stepAll() {
      for (let n = 0; n < steps().length; n++)
        for (let tries = 1; ; tries++)
          try {
            await step(steps()[n] as StepEvent);
            break;
          } catch (error) {
            if (tries === 5) throw error;
          }
    },
    /** A consumer as this service has them, given every message of a queue. */
    async consume(queue: string) {
      for (const event of queues.taken(queue).map(eventIn<DomainEvent>))
        await once(queue, event, async () => ({
          answer: { outcome: 'done' },
          writes: [{ add: { done: 1 }, at: effects }],
        }));
      return (await store.read(effects))?.['done'];
    },
    current: async () =>
      readEventReplay(await store.read(eventReplayAddress('parked', 'r1')), nowMs),
  };
}

const eventIn = <E>({ body }: { readonly body: string }) =>
  readEvent(JSON.parse(body)) as unknown as E;

const many = (count: number, fields: Partial<DomainEvent> = {}) =>
  Array.from({ length: count }, (_, n) => eventAt(startMs + n * 30_000, fields));

const queue = eventTypes['order.created'].queue;

describe('a replay of stored events', () => {
  it('goes from step to step at its rate until all are sent, and says so', async () => {
    const { keep, request, step, first, queues, current, stepAll } = given();
    const events = await keep(...many(70));
    await request();
    await step(first);
    expect(await current()).toMatchObject({ state: 'running', step: 2, progress: { sent: 30 } });
    expect(queues.taken(queue).map(({ delaySeconds }) => delaySeconds)).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    );
    expect(queues.taken('dlq:replay')).toMatchObject([{ delaySeconds: 30 }]);
    await stepAll();
    expect(await current()).toMatchObject({
      state: 'done',
      finishedAtMs: nowMs,
      progress: { matched: 70, byType: { 'order.created': 70 }, sent: 70, failed: 0, because: {} },
    });
    expect(queues.taken(queue).map((message) => eventIn<DomainEvent>(message))).toEqual(events);
  });

  it('counts and sends nothing when it is a dry run, without waiting for a rate', async () => {
    const { keep, request, stepAll, queues, current } = given({
      dryRun: true,
      filter: { fromMs: startMs - 200 * 600_000, toMs: nowMs },
      position: startOf({ fromMs: startMs - 200 * 600_000 }),
    });
    await keep(...many(40), eventAt(startMs, { type: 'order.confirmed' }));
    await request();
    await stepAll();
    expect(await current()).toMatchObject({
      state: 'done',
      progress: {
        ...{ matched: 41, sent: 0, failed: 0 },
        byType: { 'order.created': 40, 'order.confirmed': 1 },
      },
    });
    expect(queues.taken(queue)).toEqual([]);
    expect(queues.taken('dlq:replay')).toMatchObject([{ delaySeconds: 1 }, { delaySeconds: 1 }]);
  });

  it('takes only what fits, and each to the queue of its type', async () => {
    const { keep, request, stepAll, queues } = given({
      filter: { fromMs: startMs, toMs: nowMs, aggregate: 'order/o2', tenant: 'acme' },
    });
    const [mail] = await keep(
      eventAt(startMs, { aggregate: 'order/o2', type: 'order.confirmed', seq: 2 }),
      eventAt(startMs, { aggregate: 'order/o2', tenant: 'globex' }),
      eventAt(startMs),
    );
    await request();
    await stepAll();
    expect(queues.taken('email:send').map(eventIn)).toEqual([mail]);
    expect(queues.taken(queue)).toEqual([]);
  });

  it('counts what no queue will ever take, and goes on', async () => {
    const poison = eventAt(startMs);
    const ofQueue = ({ messages }: QueueCall) => ({
      refused: messages.map(({ id }) => id).filter((id) => id === poison.id),
    });
    const { keep, request, stepAll, current } = given({}, { ofQueue });
    await keep(poison, eventAt(startMs + 1, { type: 'order.vanished' }), eventAt(startMs + 2));
    await request();
    await stepAll();
    expect(await current()).toMatchObject({
      state: 'done',
      progress: {
        ...{ matched: 3, sent: 1, failed: 2 },
        because: { InvalidMessageContents: 1, 'unknown-event-type': 1 },
      },
    });
  });

  it('is a step again where a queue takes nothing now', async () => {
    let down = true;
    const { keep, request, step, first, current } = given(
      {},
      { ofQueue: ({ messages }) => (down ? { failed: messages.map(({ id }) => id) } : undefined) },
    );
    await keep(...many(3));
    await request();
    await expect(step(first)).rejects.toThrow('InternalError');
    expect(await current()).toMatchObject({ step: 1, progress: noEventYet });
    down = false;
    await step(first);
    expect(await current()).toMatchObject({ state: 'done', progress: { sent: 3 } });
  });

  it('does nothing for a step that is done, and waits with one that is not due', async () => {
    const { keep, request, step, first, steps, queues, store } = given();
    await keep(...many(40));
    await request();
    await step(first);
    const second = steps()[1] as StepEvent;
    await step({ ...first, id: uuidV7() });
    expect(queues.taken(queue)).toHaveLength(30);
    await store.write({ set: { step: 1, version: 3 }, at: eventReplayAddress('parked', 'r1') });
    await expect(step(second)).rejects.toThrow(InProgressElsewhere);
  });

  it('reads no longer than leaves it time to send, and goes on from there', async () => {
    const { keep, request, step, stepAll, first, current } = given();
    await keep(eventAt(startMs + 1_800_000));
    await request();
    await step(first, { remainingMs: 5_000 });
    expect(await current()).toMatchObject({
      ...{ state: 'running', step: 2, progress: noEventYet },
      position: { bucket: startOf({ fromMs: startMs }).bucket + 1 },
    });
    await stepAll();
    expect(await current()).toMatchObject({ state: 'done', progress: { sent: 1 } });
  });

  it('is a lasting fault when it is not there', async () => {
    const { step, first } = given();
    await expect(step(first)).rejects.toThrow('replay-missing');
  });
});

describe('a replay of stored events that fails once, at whichever call', () => {
  const storeFaults = ['lose-request', 'lose-answer', 'conflict', 'throttle'] as const;
  const queueFaults = ['lose-request', 'lose-answer'] as const;

  /** Two steps of it, and what came of them. */
  async function played(failing: { readonly nth: number; readonly how: string } | undefined) {
    let calls = 0;
    let armed = false;
    const verbs: string[] = [];
    const faultAt = <F extends string>(verb: string, known: readonly F[]): F | undefined => {
      if (!armed) return undefined;
      verbs.push(verb);
      return calls++ === failing?.nth ? known.find((one) => one === failing.how) : undefined;
    };
    const world = given(
      {},
      {
        ofStore: ({ verb }) => faultAt(verb, verb === 'commit' ? storeFaults : queueFaults),
        ofQueue: ({ verb }) => faultAt(verb, queueFaults),
      },
    );
    await world.keep(...many(40));
    await world.request();
    armed = true;
    await world.stepAll();
    armed = false;
    return { ...world, verbs };
  }

  it('has sent every event, and none has its effect twice', { timeout: 30_000 }, async () => {
    const { verbs } = await played(undefined);
    expect(new Set(verbs)).toEqual(new Set(['read', 'page', 'send', 'commit']));
    let repeated = 0;
    for (const how of storeFaults)
      for (let nth = 0; nth < verbs.length; nth++) {
        const { current, consume, queues } = await played({ nth, how });
        const at = `${how} at call ${nth}, ${verbs[nth]}`;
        expect([at, await current()]).toMatchObject([
          at,
          { state: 'done', step: 3, progress: { matched: 40, sent: 40, failed: 0 } },
        ]);
        const ids = new Set(queues.taken(queue).map(({ id }) => id));
        expect([at, ids.size]).toEqual([at, 40]);
        if (queues.taken(queue).length > 40) repeated++;
        expect([at, await consume(queue)]).toEqual([at, 40]);
      }
    // Else nothing was proved about repetition.
    expect(repeated).toBeGreaterThan(0);
  });
});
