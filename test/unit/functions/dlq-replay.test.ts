import { describe, expect, it } from 'vitest';
import { replayStep, type StepEvent } from '#functions/dlq-replay/dlq-replay.ts';
import { outgoing } from '#functions/dlq-replay/outgoing.ts';
import { faultOfEdit } from '#functions/letter-edit.ts';
import { eventIn } from '#functions/parker/arrival.ts';
import { functions } from '#functions/tables/functions.ts';
import { tooOldToReplayMs } from '#functions/tables/letters.ts';
import { queues } from '#functions/tables/queues.ts';
import { retention } from '#functions/tables/retention.ts';
import { stages } from '#infra/config.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import { trackedReads } from '#shared/idempotency/tracked-reads.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { readEvent } from '#shared/outbox/event.ts';
import { eventWrite } from '#shared/outbox/outbox-items.ts';
import { parkWrite } from '#shared/outbox/parked-items.ts';
import { eventOfStored, letterAddress, listing } from '#shared/parking/letter-items.ts';
import { letterNamed } from '#shared/parking/letters.ts';
import { parker } from '#shared/parking/parker.ts';
import {
  nothingYet,
  type Replay,
  readReplay,
  replayAddress,
  replayWrite,
} from '#shared/parking/replay.ts';
import { memoryQueue } from '#shared/queue/memory-queue.ts';
import { applied, type Item } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import { InProgressElsewhere } from '#shared/worker/faults.ts';
import { verdict } from '#shared/worker/verdict.ts';

const startMs = Date.UTC(2026, 0, 1);
const queue = 'order:process';

const eventOf = (fields: object = {}) => ({
  id: uuidV7({ now: () => startMs }),
  type: 'order.created',
  tenant: 'acme',
  aggregate: 'order/o1',
  seq: 1,
  occurredAtMs: startMs,
  traceparent: toTraceparent(newTrace()),
  correlationId: 'c1',
  data: { orderId: 'o1', userId: 'u1' },
  ...fields,
});

function given(fields: Partial<Replay> = {}) {
  let nowMs = startMs;
  const now = () => nowMs;
  const store = memoryStore({ now });
  const queues = memoryQueue({ now });
  const park = parker({ store, table: 'parked', retainMs: retention.parkedMs, now });
  const replay: Replay = {
    queue,
    id: 'r1',
    version: 1,
    state: 'running',
    wanted: { filter: {} },
    ratePerSecond: 1,
    requestedBy: 'ops',
    requestedAtMs: startMs + 1_000,
    step: 1,
    progress: nothingYet,
    expiresAtMs: startMs + retention.parkedMs,
    ...fields,
  };
  const at = replayAddress('parked', queue, 'r1');
  const first = {
    ...eventOf({ type: 'letters.replay-requested', aggregate: 'replay/r1' }),
    data: { queue, replayId: 'r1', step: 1 },
  } as StepEvent;
  return {
    ...{ store, queues, first, now },
    request: () => store.write(replayWrite('parked', replay)),
    async parkMany(count: number) {
      for (let n = 0; n < count; n++) {
        const event = eventOf({ id: uuidV7({ now: () => startMs + n }) });
        const body = JSON.stringify(event);
        await park({
          ...{ queue, id: event.id, messageId: `m${n}`, cause: 'order-missing', body, replays: 0 },
          event: { id: event.id, type: event.type, tenant: 'acme', occurredAtMs: startMs },
        });
      }
      nowMs = startMs + 2_000;
    },
    /** Runs a step as a worker does; what it writes is committed only when nothing dies. */
    async step(event: StepEvent, { dies = false, remainingMs = 20_000 } = {}) {
      const reads = trackedReads((address) => store.read(address));
      const decision = await replayStep(event, {
        reader: reads,
        deadline: deadline({ inMs: remainingMs, now }),
        store,
        queues,
        tracing: false,
        now,
      });
      if ('refused' in decision || dies) return;
      const writes = reads.guard(decision.writes);
      const { applied: done } = await store.commit({ token: crypto.randomUUID(), writes });
      expect(done).toBe(true);
    },
    /** The messages for the next step, as events. */
    continuations: () =>
      queues.taken('dlq:replay').map(({ body, delaySeconds }) => ({
        event: readEvent(JSON.parse(body)) as unknown as StepEvent,
        delaySeconds,
      })),
    current: async () => readReplay(await store.read(at), nowMs),
  };
}

describe('a replay', () => {
  it('goes from step to step at its rate until it has sent all, and says so', async () => {
    const { parkMany, request, step, first, continuations, current, queues } = given();
    await parkMany(70);
    await request();
    await step(first);
    expect(await current()).toMatchObject({
      state: 'running',
      step: 2,
      progress: { replayed: 30 },
    });
    expect(continuations()).toMatchObject([{ delaySeconds: 30, event: { data: { step: 2 } } }]);
    for (let n = 0; n < 2; n++) await step(continuations()[n]?.event as StepEvent);
    expect(await current()).toMatchObject({
      state: 'done',
      progress: { matched: 70, replayed: 70, skipped: 0, failed: 0 },
    });
    expect(queues.taken(queue)).toHaveLength(70);
    expect(continuations()).toHaveLength(2);
  });

  it('goes on where it died, with the same event for the next step', async () => {
    const { parkMany, request, step, first, continuations, current, queues } = given();
    await parkMany(40);
    await request();
    await step(first, { dies: true });
    expect(await current()).toMatchObject({ step: 1, progress: nothingYet });
    await step(first);
    const [a, b] = continuations();
    expect(a?.event.id).toBe(b?.event.id);
    expect(queues.taken(queue)).toHaveLength(30);
    await step(b?.event as StepEvent);
    expect(await current()).toMatchObject({ state: 'done', progress: { replayed: 40 } });
  });

  it('does nothing for a step that is done, and waits with one that is not due', async () => {
    const { parkMany, request, step, first, continuations, queues } = given();
    await parkMany(40);
    await request();
    await step(first, { dies: true });
    const [next] = continuations();
    await expect(step(next?.event as StepEvent)).rejects.toThrow(InProgressElsewhere);
    await step(first);
    await step(first);
    expect(queues.taken(queue)).toHaveLength(30);
  });

  it.each(Object.entries(stages))(
    'waits with the next step until the one that crashed is seen again and done, on stage %s',
    async (_, { visibilityFactor, numbers: { retryDelayRatio } }) => {
      const { parkMany, request, step, first, continuations } = given();
      await parkMany(40);
      await request();
      await step(first, { dies: true });
      const fault = await step(continuations()[0]?.event as StepEvent).catch((error) => error);
      const row = queues['dlq:replay'];
      let waitedMs = 0;
      for (let receive = 1; ; receive++) {
        const end = verdict(fault, receive, row, () => 0);
        if (end.bury) break;
        waitedMs += end.afterMs * (end.exact ? 1 : retryDelayRatio);
      }
      const { timeoutMs } = functions['dlq-replay'];
      expect(waitedMs).toBeGreaterThan(visibilityFactor * timeoutMs + row.tryMs);
    },
  );

  it('gives a step time to commit before the next one comes, also where it sent no letter', async () => {
    const { parkMany, request, step, first, continuations } = given({
      wanted: { filter: { tenant: 'globex' } },
    });
    await parkMany(501);
    await request();
    await step(first);
    expect(continuations()).toMatchObject([{ delaySeconds: 1 }]);
  });

  it('looks for letters no longer than leaves it time to send them', async () => {
    const { parkMany, request, step, first, continuations, current } = given({
      wanted: { filter: { tenant: 'globex' } },
    });
    await parkMany(300);
    await request();
    await step(first, { remainingMs: 5_000 });
    expect(continuations()).toHaveLength(1);
    expect(await current()).toMatchObject({ state: 'running', step: 2 });
    await step(continuations()[0]?.event as StepEvent);
    expect(await current()).toMatchObject({ state: 'done' });
  });

  it('takes no letter that was parked after it was asked for: it would chase its own', async () => {
    const { parkMany, request, step, first, queues } = given({ requestedAtMs: startMs - 1 });
    await parkMany(1);
    await request();
    await step(first);
    expect(queues.taken(queue)).toHaveLength(0);
  });

  it('is a lasting fault when it is not there', async () => {
    const { step, first } = given();
    await expect(step(first)).rejects.toThrow('replay-missing');
  });
});

describe('an event that came to no queue', () => {
  it('goes to the queue of its type, or says why it cannot', async () => {
    const store = memoryStore();
    const event = eventOf();
    const item = applied(
      eventWrite(event, { table: 'outbox', retainMs: 1_000 }),
      undefined,
    ) as Item;
    const parked = { id: event.id, cause: 'tries-exhausted', item, parkedAtMs: startMs };
    await store.write(
      parkWrite('parked', { ...parked, expiresAtMs: startMs + 1_000 }, (one) => ({
        ...listing(one),
        ...eventOfStored(one.item),
      })),
    );
    const named = { table: 'parked', queue: 'outbox', id: event.id, nowMs: startMs };
    const letter = await letterNamed(store, named);
    if (!letter) throw new Error('not parked');
    expect(letter).toMatchObject({ state: 'parked', event: { type: 'order.created' } });
    const go = outgoing({}, { tracing: false });
    expect(go(letter)).toMatchObject({ queue, message: { body: JSON.stringify(event) } });
    expect(go({ ...letter, stored: { ...item, type: 'order.vanished' } })).toEqual({
      refused: 'unknown-event-type',
    });
    expect(go({ ...letter, stored: { pk: 'a', sk: 'b' } })).toEqual({ refused: 'unreadable' });
    const { stored: _, ...without } = letter;
    expect(go(without)).toEqual({ refused: 'not-stored' });
    expect(letterAddress('parked', 'outbox', event.id).key).toEqual({ pk: 'outbox', sk: event.id });
  });
});

describe('an edit', () => {
  const before = eventOf({ data: { orderId: 7 } });
  const letter = { queue, event: eventIn(JSON.stringify(before)) };
  const fault = (fields: object, of: typeof letter = letter) =>
    faultOfEdit(
      of as Parameters<typeof faultOfEdit>[0],
      JSON.stringify({ ...before, data: { orderId: 'o1', userId: 'u1' }, ...fields }),
      startMs,
    );

  it('mends the data of an event', () => {
    expect(fault({})).toBeUndefined();
  });

  it.each([
    [{ id: uuidV7() }, 'it must keep id of its event'],
    [{ tenant: 'globex' }, 'it must keep tenant of its event'],
    [{ occurredAtMs: startMs - 1 }, 'it must keep occurredAtMs of its event'],
    [{ data: { orderId: 7 } }, 'its consumer would refuse it: invalid-event-data'],
    [{ type: 'order.confirmed' }, 'its consumer would refuse it: unknown-event-type'],
    [{ occurredAtMs: 0 }, 'its consumer would refuse it: older-than-inbox'],
  ])('is refused with %j', (fields, why) => {
    expect(fault(fields)).toBe(why);
  });

  it('makes an event of what was none, under an id of its maker', () => {
    const none = { queue, event: undefined };
    expect(fault({ id: uuidV7() }, none)).toBeUndefined();
    const of = none as unknown as Parameters<typeof faultOfEdit>[0];
    expect(faultOfEdit(of, 'no JSON', startMs)).toBe('its consumer would refuse it: not-json');
  });

  it('is not possible for an event that came to no queue', () => {
    expect(fault({}, { ...letter, queue: 'outbox' })).toContain('replayed as it is');
  });
});

it('refuses a letter before its consumer would, with time for the replay', () => {
  expect(tooOldToReplayMs).toBeLessThan(retention.inboxMs - 3_600_000);
});
