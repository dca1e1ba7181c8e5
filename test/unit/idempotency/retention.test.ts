import { describe, expect, it } from 'vitest';
import { deadline } from '#shared/deadline/deadline.ts';
import { KeyReusedError, RecordFaultError } from '#shared/idempotency/errors.ts';
import { leasedUnitOfWork } from '#shared/idempotency/leased-unit.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import type { Address, Item, Value } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const at: Address = { table: 'domain', key: { pk: 'transfer#1' } };

const answerOf = ({ amountMinor, parts }: Item): Value => ({
  amountMinor: amountMinor ?? null,
  parts: parts ?? null,
});

/** Transfers that never change once made: their answer is given back from the transfer itself. */
function desk({ compact = false, lost = false } = {}) {
  const store = memoryStore({
    faults: ({ verb }) => (lost && verb === 'commit' ? 'lose-answer' : undefined),
  });
  const unit = unitOfWork({ store, recordsTable: 'state', sleep: async () => {} });
  const transfer = { amountMinor: 5, parts: { fee: 1, net: 4 }, version: 1 };
  const request = (parts: object = {}) => ({
    key: 'k',
    fingerprint: 'f',
    ...(compact ? { entityAt: at } : { retainMs: 1_000 }),
    deadline: deadline({ inMs: 60_000 }),
    subject: 'transfer',
    rebuild: async ({ read }: { read(at: Address): Promise<Item | undefined> }) =>
      answerOf((await read(at)) ?? {}),
    ...parts,
  });
  return {
    store,
    request,
    run: (parts: object = {}, amountMinor = 5) =>
      unit.run(request(parts) as Parameters<typeof unit.run>[0], async () => ({
        answer: answerOf({ ...transfer, amountMinor }),
        writes: [{ put: { ...transfer, amountMinor }, at, when: { absent: true } }],
      })),
    record: () => (compact ? store.items('domain')[0]?.['made'] : store.items('state')[0]),
  };
}

describe.each([{ compact: false }, { compact: true }])('retention by reference (%j)', (mode) => {
  it('keeps no answer but its hash, and gives the first one back', async () => {
    const d = desk(mode);
    const first = await d.run();
    expect(d.record()).toMatchObject({ answerHash: expect.stringMatching(/^[\w-]{43}$/) });
    expect(d.record()).not.toHaveProperty('answer');
    expect(await d.run()).toEqual({ ...first, how: 'replayed' });
    expect(await d.run({ peek: true })).toEqual({ ...first, how: 'replayed' });
  });

  it('takes an entity that has changed all the same for a fault, never for a replay', async () => {
    const d = desk(mode);
    await d.run();
    await d.store.write({ set: { amountMinor: 6 }, at });
    for (const peek of [false, true])
      await expect(d.run({ peek })).rejects.toThrow(RecordFaultError);
  });

  it('does not count the order in which a store keeps members', async () => {
    const d = desk(mode);
    await d.run();
    await d.store.write({ set: { parts: { net: 4, fee: 1 } }, at });
    expect(await d.run()).toMatchObject({ how: 'replayed' });
  });

  it('recognises its own commit without giving anything back', async () => {
    const d = desk({ ...mode, lost: true });
    const rebuild = async () => {
      throw new Error('not needed');
    };
    expect(await d.run({ rebuild })).toMatchObject({ how: 'committed' });
  });

  it('rejects another payload before it gives anything back', async () => {
    const d = desk(mode);
    await d.run();
    const rebuild = async () => {
      throw new Error('not needed');
    };
    await expect(d.run({ fingerprint: 'g', rebuild })).rejects.toThrow(KeyReusedError);
  });

  it('passes on that the entity could not be read', async () => {
    const d = desk(mode);
    await d.run();
    const rebuild = async () => {
      throw new Error('the store is down');
    };
    await expect(d.run({ rebuild })).rejects.toThrow('the store is down');
  });

  it('replays a body that was retained before the route came to rebuild it', async () => {
    const d = desk(mode);
    const first = await d.run({ rebuild: undefined });
    expect(await d.run()).toEqual({ ...first, how: 'replayed' });
  });

  it('takes a hash for a fault where nothing rebuilds the answer any more', async () => {
    const d = desk(mode);
    await d.run();
    await expect(d.run({ rebuild: undefined })).rejects.toThrow(RecordFaultError);
  });
});

it('holds for leased units too', async () => {
  const d = desk();
  const pay = (rebuild = d.request().rebuild) =>
    leasedUnitOfWork({ store: d.store, recordsTable: 'state' }).run(
      {
        key: 'k',
        fingerprint: 'f',
        retainMs: 60_000,
        holdMs: 10_000,
        deadline: deadline({ inMs: 60_000 }),
        subject: 'pay',
        rebuild,
      },
      {
        effect: async () => ({ done: 5 }),
        decide: async (amountMinor) => ({
          answer: answerOf({ amountMinor, parts: null }),
          writes: [{ put: { amountMinor, version: 1 }, at }],
        }),
      },
    );
  const first = await pay();
  expect(d.store.items('state')[0]).not.toHaveProperty('answer');
  expect(await pay()).toEqual({ ...first, how: 'replayed' });
  await expect(pay(async () => 'another answer')).rejects.toThrow(RecordFaultError);
});
