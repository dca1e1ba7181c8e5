/** The relay's worker, parker and reconciler, one step at a time. */
import { describe, expect, it } from 'vitest';
import { relayJobAddress, relaySlotsAddress } from '#functions/domain/keys.ts';
import { readRelayJob, relaySlots } from '#functions/domain/relay-job.ts';
import { relayJobIn } from '#functions/parker/relay-letter.ts';
import { RelayFullError } from '#functions/relay-deliver/relay-deliver.ts';
import { slotsTaken } from '#functions/relay-reconciler/relay-reconciler.ts';
import { readPendingEvent } from '#shared/outbox/outbox-items.ts';
import { LostAnswerError } from '#shared/state/memory-faults.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';
import { PermanentFault, RecipientFault } from '#shared/worker/faults.ts';
import { type Accepted, relayDesk } from '../../support/relay/relay-desk.ts';

const tenant = 'initech';

async function desk(faults: (call: StoreCall) => Fault | undefined = () => undefined) {
  let failing = true;
  const store = memoryStore({ faults: (call) => (failing ? faults(call) : undefined) });
  const asked: string[] = [];
  let answer: () => Promise<void> = async () => {};
  const told: ResilienceEvent[] = [];
  const relay = relayDesk({
    store,
    listen: (event) => told.push(event),
    sleep: async () => {},
    async take({ key }) {
      asked.push(key);
      await answer();
    },
  });
  return {
    ...relay,
    store,
    asked,
    told,
    targetDoes(what: () => Promise<void>) {
      answer = what;
    },
    heal() {
      failing = false;
    },
    async job(of = tenant) {
      const outcome = await relay.accept(of);
      if (outcome.how === 'refused') throw new Error('refused');
      const event = store
        .items('outbox')
        .map((item) => readPendingEvent(item)?.event as Accepted)
        .find(({ data }) => data.jobId === outcome.answer.id);
      if (!event) throw new Error('no event');
      return event;
    },
    stored: async ({ tenant: of, data }: Accepted) =>
      readRelayJob(await store.read(relayJobAddress(of, data.jobId))),
    taken: async (of = tenant) =>
      relaySlots(of).standing(await store.read(relaySlots(of).at)).taken,
  };
}

const nameOf = ({ tenant: of, data }: Accepted) => ({ tenant: of, jobId: data.jobId });

describe('the worker of the relay', () => {
  it('asks the target under the event’s id, and gives the slot back with the record of that', async () => {
    const d = await desk();
    const event = await d.job();
    expect(await d.taken()).toBe(1);
    expect(await d.work(event)).toBe('done');
    expect(d.asked).toEqual([event.id]);
    expect(await d.stored(event)).toMatchObject({ status: 'delivered', version: 2 });
    expect(await d.taken()).toBe(0);
    expect([await d.work(event, 2), d.asked.length]).toEqual(['duplicate', 1]);
  });

  it('takes the target’s refusal for a result', async () => {
    const d = await desk();
    const event = await d.job();
    d.targetDoes(async () => {
      throw new RecipientFault('404');
    });
    expect(await d.work(event)).toBe('undeliverable');
    expect(await d.stored(event)).toMatchObject({ status: 'failed' });
    expect(await d.taken()).toBe(0);
  });

  it('leaves the job where it is while the target fails', async () => {
    const d = await desk();
    const event = await d.job();
    d.targetDoes(async () => {
      throw new LostAnswerError('down');
    });
    await expect(d.work(event)).rejects.toThrow(LostAnswerError);
    expect(await d.stored(event)).toMatchObject({ status: 'accepted', version: 1 });
    expect(await d.taken()).toBe(1);
    d.targetDoes(async () => {});
    expect(await d.work(event, 2)).toBe('done');
    expect([d.asked, await d.taken()]).toEqual([[event.id, event.id], 0]);
  });

  it('takes a slot again for a job that was parked, or waits for one', async () => {
    const d = await desk();
    const parked = await d.job();
    expect(await d.park(nameOf(parked))).toBe('parked');
    expect(await d.taken()).toBe(0);
    const others = [];
    for (let nth = 0; nth < 5; nth++) others.push(await d.job());
    await expect(d.work(parked)).rejects.toThrow(RelayFullError);
    expect([d.asked, await d.taken()]).toEqual([[], 5]);
    for (const other of others) await d.work(other);

    let during = 0;
    d.targetDoes(async () => {
      during = await d.taken();
    });
    expect(await d.work(parked, 2)).toBe('done');
    expect([during, await d.taken()]).toEqual([1, 0]);
    expect(await d.stored(parked)).toMatchObject({ status: 'delivered', version: 4 });
  });

  it('says that a job was delivered although it was parked meanwhile, and gives nothing back twice', async () => {
    const d = await desk();
    const [event, other] = [await d.job(), await d.job()];
    d.targetDoes(async () => void (await d.park(nameOf(event))));
    expect(await d.work(event)).toBe('done');
    expect(await d.stored(event)).toMatchObject({ status: 'delivered', version: 3 });
    expect(await d.taken()).toBe(1);
    expect(await d.stored(other)).toMatchObject({ status: 'accepted' });
  });

  it('asks nothing for a job that has ended, of which an operator sent the event anew', async () => {
    const d = await desk();
    const event = await d.job();
    await d.work(event);
    const copy = { ...event, id: '0197a000-0000-7000-8000-00000000ffff' };
    expect(await d.work(copy)).toBe('done');
    expect([d.asked.length, await d.taken()]).toEqual([1, 0]);
  });

  it('takes a job that is not there for a fault that stays', async () => {
    const d = await desk();
    const event = await d.job();
    const none = { ...event, data: { ...event.data, jobId: 'none' } };
    await expect(d.work(none)).rejects.toThrow(new PermanentFault('relay-job-missing'));
  });
});

describe('a job that is given up', () => {
  it('is parked once, and not when it has ended', async () => {
    const d = await desk();
    const [event, other] = [await d.job(), await d.job()];
    expect([await d.park(nameOf(event)), await d.park(nameOf(event))]).toEqual(['parked', 'left']);
    expect(await d.taken()).toBe(1);
    await d.work(other);
    expect(await d.park(nameOf(other))).toBe('left');
    expect(await d.park({ tenant, jobId: 'none' })).toBe('left');
    expect(await d.taken()).toBe(0);
  });

  it('is parked when others are in the way at first, and says so when they always are', async () => {
    let conflicts = 0;
    const d = await desk(({ verb }) =>
      verb === 'commit' && conflicts-- > 0 ? 'conflict' : undefined,
    );
    const event = await d.job();
    conflicts = 5;
    await expect(d.park(nameOf(event))).rejects.toMatchObject({ name: 'RelayJobContendedError' });
    expect(await d.taken()).toBe(1);
    conflicts = 4;
    expect(await d.park(nameOf(event))).toBe('parked');
    expect(await d.taken()).toBe(0);
  });

  it.each(['lose-request', 'lose-answer'] as const)(
    'is parked once although it was not heard of (%s)',
    async (fault) => {
      let on = false;
      const d = await desk(({ verb }) => (on && verb === 'commit' ? fault : undefined));
      const event = await d.job();
      on = true;
      await expect(d.park(nameOf(event))).rejects.toThrow(LostAnswerError);
      d.heal();
      expect(await d.park(nameOf(event))).toBe(fault === 'lose-answer' ? 'left' : 'parked');
      expect(await d.taken()).toBe(0);
    },
  );

  it('is found in a letter of its queue, and in no other', async () => {
    const event = await (await desk()).job();
    const letter = { queue: 'relay:deliver', id: event.id, cause: 'x', messageId: 'm', replays: 0 };
    const body = JSON.stringify(event);
    expect(relayJobIn({ ...letter, body })).toEqual(nameOf(event));
    for (const other of [
      { ...letter, body, queue: 'email:send' },
      { ...letter, body: 'not JSON' },
      { ...letter, body: JSON.stringify({ ...event, type: 'order.created' }) },
      { ...letter, body: JSON.stringify({ ...event, data: { jobId: 7 } }) },
      letter,
    ])
      expect(relayJobIn(other)).toBeUndefined();
  });
});

describe('the intake of the relay', () => {
  it('refuses whoever finds the share full, without a write; a repeated request has its answer', async () => {
    const writes: string[] = [];
    const d = await desk(({ verb }) => void (verb === 'read' || writes.push(verb)));
    for (let nth = 0; nth < 4; nth++) await d.accept(tenant);
    const first = await d.accept(tenant, { key: 'k' });
    writes.length = 0;
    expect(await d.accept(tenant)).toEqual({
      how: 'refused',
      refusal: { because: 'relay-full', retryAfterMs: 1_500 },
    });
    expect(writes).toEqual([]);
    expect(await d.accept(tenant, { key: 'k' })).toEqual({ ...first, how: 'replayed' });
    expect(await d.accept('acme')).toMatchObject({ how: 'committed' });
    expect([await d.taken(), await slotsTaken(d.store)]).toEqual([5, 6]);
  });

  it('refuses whoever meets others at the counter three times, and keeps nothing of it', async () => {
    const d = await desk(({ verb }) => (verb === 'commit' ? 'conflict' : undefined));
    expect(await d.accept(tenant, { key: 'k' })).toEqual({
      how: 'refused',
      refusal: { because: 'relay-full', retryAfterMs: 1_000 },
    });
    expect([d.store.items('state'), d.store.items('domain')]).toEqual([[], []]);
    d.heal();
    expect(await d.accept(tenant, { key: 'k' })).toMatchObject({ how: 'committed' });
  });

  it('takes a key for used whose record has lapsed while its job stands', async () => {
    const d = await desk();
    await d.accept(tenant, { key: 'k' });
    const [record] = d.store.items('state');
    await d.store.write({
      remove: true,
      at: { table: 'state', key: { pk: String(record?.['pk']) } },
    });
    expect(await d.accept(tenant, { key: 'k' })).toEqual({
      how: 'refused',
      refusal: { because: 'idempotency-key-reused' },
    });
    expect(await d.taken()).toBe(1);
  });
});

describe('the reconciler of the relay', () => {
  it('passes over what has been accepted anew since the list said that it was overdue', async () => {
    const d = await desk();
    const event = await d.job();
    const hourMs = 3_600_000;
    const listed = d.store.items('domain').map((item) => ({
      ...item,
      ...('acceptedAt' in item && { acceptedAt: new Date(Date.now() - hourMs).toISOString() }),
    }));
    const behind = relayDesk({
      store: {
        ...d.store,
        page: async ({ partition }) => ({
          items: listed.filter((item) => 'listPk' in item && item['listPk'] === partition.value),
        }),
      },
    });
    expect(await behind.reconcile(hourMs)).toMatchObject({ swept: 0, passedOver: 1 });
    expect(await d.stored(event)).toMatchObject({ status: 'accepted', version: 1 });
  });

  it('gives the slot of a job back to the share that its tenant had when it was accepted', async () => {
    const d = await desk();
    const event = await d.job('acme');
    const others = relaySlotsAddress(undefined);
    const { key } = relayJobAddress('acme', event.data.jobId);
    await d.store.write({ set: { share: '' }, at: { table: 'domain', key } });
    await d.store.write({ put: { taken: 1 }, at: others });
    await d.store.write({ put: { taken: 0 }, at: relaySlotsAddress('acme') });
    expect(await d.reconcile(0)).toMatchObject({ swept: 1 });
    expect(await d.store.read(others)).toMatchObject({ taken: 0 });
    expect(await d.acceptAgain(nameOf(event))).toBe('accepted');
    expect(await d.store.read(relaySlotsAddress('acme'))).toMatchObject({ taken: 1 });
    await d.work(event);
    expect(await d.stored(event)).toMatchObject({ status: 'delivered' });
    expect(await slotsTaken(d.store)).toBe(0);
  });

  it('warns of a job that it cannot park, at every run, as its counter says that none is taken', async () => {
    const d = await desk();
    const event = await d.job();
    const at = relaySlotsAddress(tenant);
    await d.store.write({ put: { taken: 0 }, at });
    const warned = {
      pattern: 'bounded-queue',
      happened: 'slot-not-reclaimed',
      severity: 'warning',
      facts: { jobId: event.data.jobId },
    };
    for (const run of [1, 2]) {
      expect(await d.reconcile(0)).toMatchObject({ swept: 0, passedOver: 1 });
      expect(d.told).toMatchObject(Array(run).fill(warned));
    }
    await d.store.write({ put: { taken: 1 }, at });
    expect(await d.reconcile(0)).toMatchObject({ swept: 1 });
    expect(d.told.at(-1)).toMatchObject({ happened: 'slot-reclaimed' });
  });

  it('warns of nothing where somebody else has ended the job meanwhile', async () => {
    const d = await desk();
    const event = await d.job();
    const raced = relayDesk({
      store: {
        ...d.store,
        async commit(transaction) {
          await d.park(nameOf(event));
          return d.store.commit(transaction);
        },
      },
      listen: (told) => d.told.push(told),
    });
    expect(await raced.reconcile(0)).toMatchObject({ swept: 0, passedOver: 1 });
    expect(d.told).toEqual([]);
  });

  it('parks what is overdue, once, and leaves the rest', async () => {
    const d = await desk();
    const events = [await d.job(), await d.job('acme'), await d.job('hooli')];
    expect(await d.reconcile(60_000)).toMatchObject({ swept: 0, unfinished: false });
    const runs = await Promise.all([d.reconcile(0), d.reconcile(0)]);
    expect(runs.reduce((sum, { swept }) => sum + swept, 0)).toBe(3);
    for (const event of events) expect(await d.stored(event)).toMatchObject({ status: 'parked' });
    expect(await slotsTaken(d.store)).toBe(0);
    expect(await d.reconcile(0)).toMatchObject({ swept: 0, passedOver: 0 });
  });
});
