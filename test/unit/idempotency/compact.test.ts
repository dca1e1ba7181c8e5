import { describe, expect, it } from 'vitest';
import { deadline } from '#shared/deadline/deadline.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import {
  ContentionError,
  KeyReusedError,
  OutcomeUnknownError,
  RecordFaultError,
} from '#shared/idempotency/errors.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import type { Address, Write } from '#shared/state/items.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';

type Made = { readonly id: string; readonly priceMinor: number };

const thingAt = (id: string): Address => ({ table: 'domain', key: { pk: `thing#${id}` } });
const priceAt: Address = { table: 'domain', key: { pk: 'price' } };

/** A shop that makes things at the price it reads, with faults of the test. */
function shop({
  faults = () => undefined,
}: {
  faults?: (call: StoreCall, nth: number) => Fault | undefined;
} = {}) {
  const clock = { nowMs: 1_000_000 };
  const counts: Record<string, number> = {};
  const commits: (readonly Write[])[] = [];
  const store = memoryStore({
    now: () => clock.nowMs,
    faults(call) {
      if (call.transaction) commits.push(call.transaction.writes);
      counts[call.verb] = (counts[call.verb] ?? 0) + 1;
      return faults(call, counts[call.verb] ?? 0);
    },
  });
  const unit = unitOfWork({
    store,
    recordsTable: 'state',
    now: () => clock.nowMs,
    random: () => 0,
  });
  let runs = 0;
  const make =
    (key: string) =>
    async (reader: UnitReader): Promise<Decision<Made, string>> => {
      runs++;
      const price = await reader.read(priceAt);
      if (!price) return { refused: 'no price' };
      const made = { id: key, priceMinor: Number(price['minor']) };
      return {
        answer: made,
        writes: [
          {
            put: { thing: key, ran: runs },
            at: { table: 'outbox', key: { pk: `${key}-${runs}` } },
          },
          { put: { ...made, version: 1 }, at: thingAt(key), when: { absent: true } },
        ],
      };
    };
  const request = (key: string, fingerprint = key) => ({
    key,
    fingerprint,
    entityAt: thingAt(key),
    deadline: deadline({ inMs: 60_000 }),
    subject: 'make-thing',
  });
  return {
    clock,
    store,
    unit,
    commits,
    counts,
    make,
    request,
    runs: () => runs,
    price: (minor: number) => store.write({ put: { minor, version: minor }, at: priceAt }),
    run: (key: string, fingerprint?: string) => unit.run(request(key, fingerprint), make(key)),
    things: () => store.items('domain').filter(({ pk }) => String(pk).startsWith('thing#')),
    events: () => store.items('outbox'),
  };
}

const onCommit =
  (fault: Fault, which: (nth: number) => boolean = () => true) =>
  ({ verb }: StoreCall, nth: number): Fault | undefined =>
    verb === 'commit' && which(nth) ? fault : undefined;

describe('a compact unit of work', () => {
  it('writes entity and event in one transaction, and no record of its own', async () => {
    const s = shop();
    await s.price(5);
    expect(await s.run('k')).toEqual({ how: 'committed', answer: { id: 'k', priceMinor: 5 } });
    expect(s.commits).toHaveLength(1);
    expect(s.commits[0]?.map((write) => [Object.keys(write)[0], write.at.table])).toEqual([
      ['put', 'domain'],
      ['put', 'outbox'],
      ['check', 'domain'],
    ]);
    expect(s.store.items('state')).toEqual([]);
    expect(s.things()).toMatchObject([
      {
        id: 'k',
        priceMinor: 5,
        version: 1,
        made: { fingerprint: 'k', answer: expect.any(String) },
      },
    ]);
  });

  it('answers a repeated request with its first answer, though the entity has changed since', async () => {
    const s = shop();
    await s.price(5);
    const first = await s.run('k');
    await s.store.write({ set: { priceMinor: 99 }, add: { version: 1 }, at: thingAt('k') });
    await s.price(7);
    expect(await s.run('k')).toEqual({ ...first, how: 'replayed' });
    expect(s.events()).toHaveLength(1);
  });

  it('answers it however late: the key lives as long as the entity', async () => {
    const s = shop();
    await s.price(5);
    await s.run('k');
    s.clock.nowMs += 100 * 365 * 86_400_000;
    expect(await s.run('k')).toMatchObject({ how: 'replayed' });
  });

  it('replays before it refuses: what was made is not impossible now', async () => {
    const s = shop();
    await s.price(5);
    await s.run('k');
    await s.store.write({ remove: true, at: priceAt });
    expect(await s.run('k')).toMatchObject({ how: 'replayed' });
    expect(await s.run('another')).toEqual({ how: 'refused', refusal: 'no price' });
  });

  it('replays where the use case throws the second time, or finds the entity by itself', async () => {
    const s = shop();
    await s.price(5);
    await s.run('k');
    const failing = s.unit.run(s.request('k'), async () => {
      throw new Error('a dependency is down');
    });
    expect(await failing).toMatchObject({ how: 'replayed' });
    const reading = s.unit.run(s.request('k'), async (reader) => {
      await reader.read(thingAt('k'));
      return s.make('k')(reader);
    });
    expect(await reading).toMatchObject({ how: 'replayed' });
  });

  it.each(['would be made', 'would be refused'])(
    'rejects another payload under a used key that %s',
    async (which) => {
      const s = shop();
      await s.price(5);
      await s.run('k');
      if (which === 'would be refused') await s.store.write({ remove: true, at: priceAt });
      await expect(s.run('k', 'another')).rejects.toThrow(KeyReusedError);
    },
  );

  it('answers from a peek without running the use case; a peek that fails decides nothing', async () => {
    const s = shop({
      faults: ({ verb, at }) =>
        verb === 'read' && at?.key['pk'] === 'thing#fails' ? 'lose-request' : undefined,
    });
    await s.price(5);
    await s.run('k');
    const before = s.runs();
    const peeking = (key: string) => s.unit.run({ ...s.request(key), peek: true }, s.make(key));
    expect(await peeking('k')).toMatchObject({ how: 'replayed' });
    expect(s.runs()).toBe(before);
    expect(await peeking('fails')).toMatchObject({ how: 'committed' });
  });

  it('makes one thing when the same request comes twenty times at once', async () => {
    const s = shop();
    await s.price(5);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => s.run('k')));
    expect(outcomes.filter(({ how }) => how === 'committed')).toHaveLength(1);
    expect(outcomes.every((o) => 'answer' in o && o.answer.id === 'k')).toBe(true);
    expect([s.things().length, s.events().length]).toEqual([1, 1]);
  });

  it.each([
    ['the answer to the commit is lost', onCommit('lose-answer', (nth) => nth === 1)],
    ['the commit itself is lost', onCommit('lose-request', (nth) => nth === 1)],
    ['every answer is lost: the entity shows whose it is', onCommit('lose-answer')],
    ['the store is busy at first', onCommit('conflict', (nth) => nth === 1)],
    ['the store is throttled at first', onCommit('throttle', (nth) => nth === 1)],
  ])('makes one thing when %s', async (_, faults) => {
    const s = shop({ faults });
    await s.price(5);
    expect(await s.run('k')).toMatchObject({ how: 'committed', answer: { id: 'k' } });
    expect([s.things().length, s.events().length]).toEqual([1, 1]);
  });

  it('sends the identical transaction again under the same token', async () => {
    const sent: string[] = [];
    const s = shop({
      faults(call, nth) {
        if (call.transaction) sent.push(JSON.stringify(call.transaction));
        return onCommit('lose-request', () => nth < 3)(call, nth);
      },
    });
    await s.price(5);
    await s.run('k');
    expect([sent.length, new Set(sent).size]).toEqual([3, 1]);
  });

  it('says "unknown" where no send was answered and nothing is there yet, and never "refused"', async () => {
    const s = shop({ faults: onCommit('lose-request') });
    await s.price(5);
    await expect(s.run('k')).rejects.toThrow(OutcomeUnknownError);
    expect(s.runs()).toBe(1);
  });

  it('gives up where others are in its way at every run, and has made nothing', async () => {
    const s = shop({ faults: onCommit('conflict') });
    await s.price(5);
    await expect(s.run('k')).rejects.toThrow(ContentionError);
    expect(s.things()).toEqual([]);
  });

  it('runs again on a price that changed between its reading and its commit', async () => {
    const s: ReturnType<typeof shop> = shop({
      faults(call, nth) {
        if (call.verb === 'commit' && nth === 1)
          void s.store.write({ put: { minor: 6, version: 6 }, at: priceAt });
        return undefined;
      },
    });
    await s.price(5);
    expect(await s.run('k')).toMatchObject({ answer: { priceMinor: 6 } });
    expect(s.runs()).toBe(2);
  });

  it.each([
    ['an entity that carries no record', { version: 1 }],
    ['a record that is none', { version: 1, made: { fingerprint: 'k' } }],
    ['something else in its place', { version: 1, made: 'yes' }],
  ])('takes %s at its address for a fault, never for success', async (_, put) => {
    const s = shop();
    await s.price(5);
    await s.store.write({ put, at: thingAt('k') });
    for (const peek of [false, true]) {
      const outcome = s.unit.run({ ...s.request('k'), peek }, s.make('k'));
      await expect(outcome).rejects.toThrow(RecordFaultError);
    }
    const refused = s.unit.run(s.request('k'), async () => ({ refused: 'no' }));
    await expect(refused).rejects.toThrow(RecordFaultError);
    expect(s.events()).toEqual([]);
  });

  it.each<[string, readonly Write[]]>([
    ['makes nothing', []],
    ['makes it elsewhere', [{ put: {}, at: thingAt('other'), when: { absent: true } }]],
    ['would replace what is there', [{ put: {}, at: thingAt('k') }]],
    ['changes instead of making', [{ set: {}, at: thingAt('k'), when: { absent: true } }]],
  ])('writes nothing for a use case that %s', async (_, writes) => {
    const s = shop();
    const outcome = s.unit.run(s.request('k'), async () => ({ answer: 'made', writes }));
    await expect(outcome).rejects.toThrow(TypeError);
    expect(s.store.items('domain')).toEqual([]);
  });

  it('refuses an answer above 32 KB before anything is written', async () => {
    const s = shop();
    const outcome = s.unit.run(s.request('k'), async () => ({
      answer: 'x'.repeat(33 * 1024),
      writes: [{ put: {}, at: thingAt('k'), when: { absent: true } }],
    }));
    await expect(outcome).rejects.toThrow(RangeError);
    expect(s.things()).toEqual([]);
  });

  it.each([
    { retainMs: 1_000, entityAt: thingAt('k') },
    {},
    { retainMs: 0 },
    { retainMs: Number.NaN },
    { retainMs: 1_000, key: '' },
    { retainMs: 1_000, fingerprint: '' },
  ])('is not run for a request of %j', async (parts) => {
    const { entityAt: _, ...request } = shop().request('k');
    const outcome = shop().unit.run({ ...request, ...parts } as never, async () => {
      throw new Error('ran');
    });
    await expect(outcome).rejects.toThrow(RangeError);
  });
});

describe('an entity that was made by a compact unit', () => {
  const change = async (write: Write) => {
    const s = shop();
    await s.price(5);
    await s.run('k');
    const outcome = s.unit.run(
      { ...s.request('change'), entityAt: undefined, retainMs: 1_000 } as never,
      async ({ read }) => {
        await read(thingAt('k'));
        return { answer: 'changed', writes: [write] };
      },
    );
    return { s, outcome };
  };

  it.each<[string, Write]>([
    ['put', { put: { version: 2 }, at: thingAt('k') }],
    ['remove', { remove: true, at: thingAt('k') }],
  ])('is changed by no %s that would drop the record of its making', async (_, write) => {
    const { s, outcome } = await change(write);
    await expect(outcome).rejects.toThrow(TypeError);
    expect(s.things()).toMatchObject([{ version: 1 }]);
  });

  it('keeps the record through a set', async () => {
    const { s, outcome } = await change({ set: { version: 2 }, at: thingAt('k') });
    expect(await outcome).toMatchObject({ how: 'committed' });
    expect(await s.run('k')).toMatchObject({ how: 'replayed' });
  });
});
