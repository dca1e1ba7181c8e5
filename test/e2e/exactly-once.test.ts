/** Many orders, sent twice, with workers that die in the middle: nothing lost, nothing twice. */
import { describe, expect, it } from 'vitest';
import { crashSwitch } from '#shared/faults/fault-items.ts';
import { eventsOf, mailsFor, orderOf, stockOf, store } from './support/auditor.ts';
import { callerAs, type Send } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { needs } from './support/needs.ts';
import { storyOf } from './support/story.ts';

const orders = 100;
const inFlight = 24;
const tenant = 'load';

/** Runs the jobs in order, so many at once. */
async function pooled<T>(jobs: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const results: T[] = [];
  const queue = [...jobs.entries()];
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await next[1]();
    }),
  );
  return results;
}

/** A refused or unanswered request is sent again under its key, as a good client does. */
async function place(send: Send, key: string): Promise<{ id: string; traceId: string }> {
  const body = { lines: [{ itemId: 'book', quantity: 1 }], address: '1 Harbour Road' };
  return eventually(async () => {
    const answer = await send<{ id: string }>('POST', '/orders', { body, key });
    expect(answer.status).toBe(201);
    return { id: answer.body.id, traceId: answer.traceId };
  });
}

async function expectEachOnce(ids: readonly string[]): Promise<void> {
  await eventually(async () => {
    const statuses = await Promise.all(ids.map(async (id) => (await orderOf(tenant, id))?.status));
    expect(statuses.filter((status) => status !== 'confirmed')).toEqual([]);
  }, 150_000);
  await eventually(async () => {
    expect(new Set((await mailsFor(ids)).map(({ orderId }) => orderId)).size).toBe(ids.length);
  }, 150_000);
  expect(await mailsFor(ids)).toHaveLength(ids.length);
  const types = (await eventsOf(ids)).map(({ type }) => type);
  expect(types.filter((type) => type === 'order.created')).toHaveLength(ids.length);
  expect(types.filter((type) => type === 'order.confirmed')).toHaveLength(ids.length);
}

describe('a hundred orders, each sent twice with 24 in flight', () => {
  it('are a hundred orders, confirmations and mails', { timeout: 200_000 }, async (context) => {
    await needs(context, 'load');
    const send = await callerAs({ tenant });
    const before = await stockOf(tenant, 'book');
    const keys = Array.from({ length: orders }, () => crypto.randomUUID());
    const placed = await pooled([...keys, ...keys].map((key) => () => place(send, key)));

    const ids = [...new Set(placed.map(({ id }) => id))];
    expect(ids).toHaveLength(orders);
    await expectEachOnce(ids);
    expect(await stockOf(tenant, 'book')).toBe(before - orders);
  });
});

describe('a worker that dies', () => {
  it.each([
    ['order:process', 'after-effect'],
    ['order:process', 'before-effect'],
    ['email:send', 'after-effect'],
  ] as const)(
    'on %s, %s and before the acknowledgement, neither loses nor repeats the effect',
    { timeout: 200_000 },
    async (queue, point) => {
      const send = await callerAs({ tenant });
      const before = await stockOf(tenant, 'book');
      const { at, set } = crashSwitch('state', queue);
      await store.write(set({ point, times: 2 }));

      const keys = Array.from({ length: 6 }, () => crypto.randomUUID());
      const placed = await pooled(keys.map((key) => () => place(send, key)));

      await eventually(async () => {
        expect((await store.read(at))?.['times']).toBe(0);
      }, 60_000);
      await expectEachOnce(placed.map(({ id }) => id));
      expect(await stockOf(tenant, 'book')).toBe(before - keys.length);

      // Of two messages that bring down one worker, one has the last word.
      await eventually(async () => {
        const stories = await Promise.all(placed.map(({ traceId }) => storyOf(traceId)));
        const said = stories.flatMap(({ lines }) => lines.map(({ message }) => message));
        const deaths = said.filter((message) => message === 'crashing on purpose').length;
        expect([1, 2]).toContain(deaths);
      });
    },
  );
});
