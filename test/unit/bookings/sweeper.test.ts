import { describe, expect, it } from 'vitest';
import { bookingAddress, heldListPartition, heldListShards } from '#functions/domain/keys.ts';
import { leases } from '#shared/lease/lease.ts';
import { booked, office, slot, tenant } from './office.ts';

const minuteMs = 60_000;

async function withLapsedHolds(count: number) {
  const world = await office();
  const ids: string[] = [];
  for (let nth = 0; nth < count; nth++) ids.push(booked(await world.hold([slot(nth)])).id);
  world.clock.nowMs += 15 * minuteMs;
  const statuses = async () =>
    (await Promise.all(ids.map(world.stored))).map((booking) => booking?.status);
  return { ...world, ids, statuses };
}

describe('the sweeper of bookings', () => {
  it('writes down what lapsed, frees its slots and says so, once', async () => {
    const { sweep, ids, events, owner, statuses } = await withLapsedHolds(12);
    expect(await sweep()).toEqual({
      lapsed: 12,
      passedOver: 0,
      skippedShards: 0,
      unfinished: false,
    });
    expect(new Set(await statuses())).toEqual(new Set(['lapsed']));
    expect(await owner(slot(0))).toBeUndefined();
    const said = ids.map((id) => `booking/${id} booking.lapsed 2`).sort();
    expect(events().sort()).toEqual(said);
    expect((await sweep()).lapsed).toBe(0);
    expect(events()).toHaveLength(12);
  });

  it('frees the holds behind one that it cannot read, and says which that was', async () => {
    const { sweep, store, ids, statuses } = await withLapsedHolds(12);
    const at = bookingAddress(tenant, ids[0] ?? '');
    await store.write({ set: { slots: 'none that can be read' }, at });
    await expect(sweep()).rejects.toThrow(AggregateError);
    await store.write({ set: { slots: [slot(0)] }, at });
    expect((await statuses()).filter((status) => status !== 'lapsed')).toEqual(['held']);
  });

  it('leaves holds that last', async () => {
    const { hold, sweep, clock, stored } = await office();
    const { id } = booked(await hold([slot(0)], { holdForSeconds: 600 }));
    clock.nowMs += 10 * minuteMs - 1;
    expect((await sweep()).lapsed).toBe(0);
    expect((await stored(id))?.status).toBe('held');
  });

  it('does each hold once when several sweep at the same time', async () => {
    const { sweep, events, statuses } = await withLapsedHolds(16);
    const swept = await Promise.all([sweep(), sweep(), sweep()]);
    expect(swept.reduce((sum, { lapsed }) => sum + lapsed, 0)).toBe(16);
    expect(swept.some(({ skippedShards }) => skippedShards > 0)).toBe(true);
    expect(new Set(await statuses())).toEqual(new Set(['lapsed']));
    expect(events()).toHaveLength(16);
  });

  it('skips the shards of another, who died, until the lease is over', async () => {
    const { sweep, store, clock, statuses } = await withLapsedHolds(16);
    const dead = leases({ store, table: 'lease', now: () => clock.nowMs });
    for (let shard = 0; shard < heldListShards; shard++)
      await dead.acquire(heldListPartition(shard), { holdMs: 15_000 });
    expect(await sweep()).toMatchObject({ lapsed: 0, skippedShards: heldListShards });
    clock.nowMs += 15_000;
    expect(await sweep()).toMatchObject({ lapsed: 16, skippedShards: 0 });
    expect(new Set(await statuses())).toEqual(new Set(['lapsed']));
  });

  it('ends when its time is up, and says that something is left', async () => {
    const { sweep } = await withLapsedHolds(16);
    let asked = 0;
    const first = await sweep({ hasTime: () => ++asked < 8 });
    expect(first.unfinished).toBe(true);
    expect(first.lapsed).toBeGreaterThan(0);
    expect(first.lapsed + (await sweep()).lapsed).toBe(16);
  });

  it('fails where the list cannot be read: an outage never looks like an empty list', async () => {
    let down = false;
    const { sweep } = await office({
      faults: ({ verb }) => (down && verb === 'page' ? 'lose-request' : undefined),
    });
    down = true;
    await expect(sweep()).rejects.toThrow(AggregateError);
  });

  it('does once what it was not answered to', async () => {
    let lost = 0;
    const world = await office({
      faults: ({ transaction }) =>
        transaction?.writes.some((write) => 'check' in write) && lost++ === 0
          ? 'lose-answer'
          : undefined,
    });
    booked(await world.hold([slot(0)]));
    world.clock.nowMs += 15 * minuteMs;
    expect((await world.sweep()).lapsed).toBe(1);
    expect(lost).toBeGreaterThan(0);
    expect(world.events()).toHaveLength(1);
  });
});
