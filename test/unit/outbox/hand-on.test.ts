import { describe, expect, it } from 'vitest';
import { handOn } from '#shared/outbox/hand-on.ts';
import { eventsOfLedger, eventWrite, isLedger } from '#shared/outbox/outbox-items.ts';
import { outboxRelay } from '#shared/outbox/relay.ts';
import { outboxSweeper } from '#shared/outbox/sweeper.ts';
import { memoryQueue, type QueueFault } from '#shared/queue/memory-queue.ts';
import type { QueueMessage } from '#shared/queue/queue.ts';
import { applied, type Item } from '#shared/state/items.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';
import { event, queueOf, startMs } from './small-world.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

function outbox({
  storeFaults = () => undefined,
  queueFaults = () => undefined,
  maxPerRun = 5,
}: {
  storeFaults?: (call: StoreCall) => Fault | undefined;
  queueFaults?: (messages: readonly QueueMessage[], queue: string) => QueueFault | undefined;
  maxPerRun?: number;
} = {}) {
  const clock = { nowMs: startMs + minuteMs };
  const now = () => clock.nowMs;
  const calls: (readonly QueueMessage[])[] = [];
  const told: ResilienceEvent[] = [];
  const store = memoryStore({ now, faults: storeFaults });
  const queue = memoryQueue({
    faults({ messages, queue: name }) {
      calls.push(messages);
      return queueFaults(messages, name);
    },
  });
  const pass = handOn({
    by: 'relay',
    store,
    queues: queue,
    queueOf,
    tracing: false,
    outboxTable: 'outbox',
    parkedTable: 'parked',
    ledgerMs: 7 * dayMs,
    parkedMs: 30 * dayMs,
    listen: (happening) => told.push(happening),
    now,
  });
  const sweep = outboxSweeper({
    handOn: pass,
    store,
    table: 'outbox',
    sweepAfterMs: minuteMs,
    claimMs: minuteMs,
    everyMs: minuteMs,
    recentBuckets: 3,
    olderEveryRuns: 60,
    horizonMs: 7 * dayMs,
    maxPerRun,
    maxTries: 3,
    now,
  });
  return {
    clock,
    calls,
    told,
    store,
    queue,
    sweep,
    relay: (items: readonly Item[]) =>
      outboxRelay(pass)(items.map((item, i) => ({ sequenceNumber: `s${i}`, item }))),
    ledgers: () => store.items('outbox').filter(isLedger),
  };
}

const itemOf = (fields: Parameters<typeof event>[0] = {}): Item =>
  applied(eventWrite(event(fields), { table: 'outbox', retainMs: 7 * dayMs }), undefined) as Item;

const things = (count: number, fields: Parameters<typeof event>[0] = {}) =>
  Array.from({ length: count }, (_, i) => itemOf({ aggregate: `thing/${i}`, ...fields }));

describe('the relay', () => {
  it('sends a batch in calls of ten and names it in one ledger', async () => {
    const { relay, calls, ledgers } = outbox();
    const items = things(23);
    const { failedAt } = await relay(items);
    expect(failedAt).toBeUndefined();
    expect(calls.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(ledgers()).toHaveLength(1);
    expect(ledgers().flatMap(eventsOfLedger)).toEqual(items.map(({ sk }) => sk));
  });

  it('sends each event to the queue of its type, as JSON, with its trace', async () => {
    const { relay, queue } = outbox();
    const [told] = [event({ type: 'changed' })];
    await relay([
      applied(eventWrite(told, { table: 'outbox', retainMs: dayMs }), undefined) as Item,
    ]);
    const [message] = queue.taken('tell');
    expect(JSON.parse(message?.body ?? '')).toEqual(told);
    expect(message?.attributes).toEqual({ eventType: 'changed', traceparent: told.traceparent });
  });

  it('writes a ledger for each bucket, for as long as the events are kept', async () => {
    const { relay, ledgers, clock } = outbox();
    await relay([...things(2), ...things(1, { occurredAtMs: startMs - 3_600_000 })]);
    expect(ledgers()).toHaveLength(2);
    for (const { expiresAtMs } of ledgers()) expect(expiresAtMs).toBe(clock.nowMs + 7 * dayMs);
  });

  it('keeps a ledger as long as the longest-kept event in it', async () => {
    const { relay, ledgers } = outbox();
    const kept = applied(
      eventWrite(event({ aggregate: 'thing/2' }), { table: 'outbox', retainMs: 30 * dayMs }),
      undefined,
    ) as Item;
    await relay([itemOf(), kept]);
    expect(ledgers()).toMatchObject([{ expiresAtMs: startMs + 30 * dayMs }]);
  });

  it('says nothing about ledgers, its own or others', async () => {
    const { relay, calls, ledgers } = outbox();
    await relay([{ pk: '1#1', sk: 'ledger#1', kind: 'ledger', sent: [], parked: [] }]);
    expect(calls).toEqual([]);
    expect(ledgers()).toEqual([]);
  });

  it('reports the first failed record, and names what it sent all the same', async () => {
    const items = things(3);
    const { relay, ledgers } = outbox({
      queueFaults: () => ({ failed: [String(items[1]?.['sk'])] }),
    });
    const { failedAt } = await relay(items);
    expect(failedAt).toBe('s1');
    expect(ledgers().flatMap(eventsOfLedger)).toEqual([items[0]?.['sk'], items[2]?.['sk']]);
  });

  it('reports the first record of a bucket whose ledger could not be written', async () => {
    const { relay } = outbox({ storeFaults: () => 'lose-request' });
    expect((await relay(things(3))).failedAt).toBe('s0');
  });

  it('parks what no queue will take, with its cause, and goes on', async () => {
    const poison = itemOf({ aggregate: 'thing/poison' });
    const items = [
      itemOf({ type: 'unheard-of' }),
      { ...itemOf(), seq: 'first' },
      poison,
      itemOf({ aggregate: 'thing/good' }),
    ];
    const { relay, store, queue, told, ledgers } = outbox({
      queueFaults: () => ({ refused: [String(poison['sk'])] }),
    });
    expect((await relay(items)).failedAt).toBeUndefined();
    expect(queue.taken('process').map(({ id }) => id)).toEqual([items[3]?.['sk']]);
    const parked = store.items('parked');
    expect(parked.map(({ sk, cause }) => [sk, cause]).sort()).toEqual(
      [
        [items[0]?.['sk'], 'unknown-event-type'],
        [items[1]?.['sk'], 'unreadable'],
        [items[2]?.['sk'], 'InvalidMessageContents'],
      ].sort(),
    );
    expect(parked.find(({ cause }) => cause === 'unreadable')?.['item']).toEqual(items[1]);
    expect(ledgers().flatMap(eventsOfLedger)).toHaveLength(4);
    expect(told.filter(({ happened }) => happened === 'parked')).toHaveLength(3);
  });

  it('fails a record that it could not park', async () => {
    const { relay } = outbox({
      storeFaults: ({ at }) => (at?.table === 'parked' ? 'lose-request' : undefined),
    });
    const { failedAt } = await relay([
      itemOf(),
      itemOf({ type: 'unheard-of', aggregate: 'thing/2' }),
    ]);
    expect(failedAt).toBe('s1');
  });

  it('holds back an aggregate whose earlier event failed, and no other', async () => {
    const first = itemOf({ aggregate: 'thing/1', seq: 1 });
    const second = itemOf({ aggregate: 'thing/1', seq: 2, type: 'changed' });
    const others = itemOf({ tenant: 'globex', aggregate: 'thing/1', seq: 2, type: 'changed' });
    const { relay, queue } = outbox({ queueFaults: () => ({ failed: [String(first['sk'])] }) });
    const { events } = await relay([second, first, others]);
    expect(events.map(({ how }) => how)).toEqual(['failed', 'failed', 'sent']);
    expect(queue.taken('tell').map(({ id }) => id)).toEqual([others['sk']]);
  });
});

describe('the sweeper', () => {
  /** Runs once a minute and answers what was handed on. */
  async function run({ sweep, clock }: ReturnType<typeof outbox>) {
    const handed: string[] = [];
    clock.nowMs += 2 * minuteMs;
    const { unfinished } = await sweep({
      hasTime: () => true,
      handedOn: async (events) => {
        handed.push(...events.map(({ how }) => how));
      },
    });
    return { handed, unfinished };
  }

  async function filled(small: ReturnType<typeof outbox>, items: readonly Item[]) {
    for (const { pk, sk, ...put } of items)
      await small.store.write({
        put,
        at: { table: 'outbox', key: { pk: String(pk), sk: String(sk) } },
      });
    return small;
  }

  it('hands on what stands in no ledger, once', async () => {
    const small = await filled(outbox(), things(3));
    expect(await run(small)).toEqual({ handed: ['sent', 'sent', 'sent'], unfinished: false });
    expect(await run(small)).toEqual({ handed: [], unfinished: false });
  });

  it('hands on no more than its limit in a run, and says that there is more', async () => {
    const small = await filled(outbox(), things(7));
    expect(await run(small)).toMatchObject({ handed: { length: 5 }, unfinished: true });
    expect(await run(small)).toMatchObject({ handed: { length: 2 }, unfinished: false });
  });

  it('stops when its time is over', async () => {
    const small = await filled(outbox(), things(3));
    small.clock.nowMs += 2 * minuteMs;
    const swept = await small.sweep({ hasTime: () => false, handedOn: async () => {} });
    expect(swept).toEqual({ unfinished: true, passedOver: [] });
    expect(small.calls).toEqual([]);
  });

  it('finds an event as old as events are kept, within the runs of an hour', async () => {
    const small = await filled(
      outbox(),
      things(1, { occurredAtMs: startMs - 7 * dayMs + 4 * 3_600_000 }),
    );
    const handed: string[] = [];
    for (let minute = 0; minute < 60; minute++) {
      small.clock.nowMs += minuteMs;
      await small.sweep({
        hasTime: () => true,
        handedOn: async (events) => {
          handed.push(...events.map(({ how }) => how));
        },
      });
    }
    expect(handed).toEqual(['sent']);
  });

  it('gives an event up after its last try, and parks it', async () => {
    const small = await filled(outbox({ queueFaults: () => 'lose-request' }), things(1));
    for (let tries = 0; tries < 3; tries++) expect((await run(small)).handed).toEqual(['failed']);
    expect((await run(small)).handed).toEqual(['parked']);
    expect(small.store.items('parked')).toMatchObject([{ cause: 'tries-exhausted' }]);
    expect((await run(small)).handed).toEqual([]);
  });

  it('lets a queue that is down starve no other: one step of it a run, the rest unclaimed', async () => {
    const down = things(350);
    const fine = things(5, { type: 'changed', occurredAtMs: startMs + 1 });
    const small = await filled(
      outbox({
        maxPerRun: 150,
        queueFaults: (_, name) => (name === 'process' ? 'lose-request' : undefined),
      }),
      [...down, ...fine],
    );
    small.clock.nowMs += 2 * minuteMs;
    const sweep = () => small.sweep({ hasTime: () => true, handedOn: async () => {} });
    const tried = () => small.store.items('outbox').filter(({ tries }) => Number(tries) > 0).length;
    expect(await sweep()).toEqual({ unfinished: true, passedOver: ['created'] });
    expect(small.queue.taken('tell')).toHaveLength(5);
    expect(tried()).toBe(100 + 5);
    small.clock.nowMs += 2 * minuteMs;
    await sweep();
    expect(tried()).toBe(100 + 5);
  });

  it('lets an event that always fails, and those held back for it, starve no other of their types', async () => {
    const poison = itemOf({ aggregate: 'thing/poison', seq: 1, type: 'changed' });
    const held = Array.from({ length: 99 }, (_, i) =>
      itemOf({ aggregate: 'thing/poison', seq: i + 2, type: 'created' }),
    );
    const behind = things(3, { occurredAtMs: startMs + 1 });
    const beside = things(3, { type: 'changed', occurredAtMs: startMs + 2 });
    const small = await filled(
      outbox({
        maxPerRun: 200,
        queueFaults: (messages) => {
          const failed = messages.filter(({ id }) => id === poison['sk']).map(({ id }) => id);
          return failed.length > 0 ? { failed } : undefined;
        },
      }),
      [poison, ...held, ...behind, ...beside],
    );
    expect(await run(small)).toMatchObject({ unfinished: false });
    expect(small.queue.taken('process').map(({ id }) => id)).toEqual(behind.map(({ sk }) => sk));
    expect(small.queue.taken('tell').map(({ id }) => id)).toEqual(beside.map(({ sk }) => sk));
  });

  it('leaves alone what another one has claimed', async () => {
    const small = await filled(outbox(), things(1));
    small.clock.nowMs += 2 * minuteMs;
    const both = await Promise.all([run(small), run(small)]);
    expect(both.flatMap(({ handed }) => handed)).toEqual(['sent']);
  });

  it('goes on with the others when one cannot be claimed', async () => {
    const [stuck, ...rest] = things(3);
    let armed = false;
    const small = await filled(
      outbox({
        storeFaults: ({ verb, at }) =>
          verb === 'write' && at?.key['sk'] === stuck?.['sk'] && armed ? 'lose-request' : undefined,
      }),
      [stuck as Item, ...rest],
    );
    armed = true;
    expect((await run(small)).handed.sort()).toEqual(['failed', 'sent', 'sent']);
  });

  it('throws when a bucket cannot be read', async () => {
    const small = outbox({
      storeFaults: ({ verb }) => (verb === 'page' ? 'lose-request' : undefined),
    });
    await expect(run(small)).rejects.toThrow('page was lost');
  });
});

describe('the options', () => {
  it.each([{ ledgerMs: 0 }, { parkedMs: 0.5 }])('refuse %j', (wrong) => {
    const store = memoryStore();
    const options = {
      by: 'relay' as const,
      store,
      queues: memoryQueue(),
      queueOf,
      tracing: false,
      outboxTable: 'outbox',
      parkedTable: 'parked',
      ledgerMs: 1,
      parkedMs: 1,
    };
    expect(() => handOn({ ...options, ...wrong })).toThrow(RangeError);
  });
});
