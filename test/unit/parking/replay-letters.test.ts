/** A replay that dies, or is interrupted, at any of its calls. */
import { describe, expect, it } from 'vitest';
import type { Arrival } from '#shared/parking/letter.ts';
import { letterNamed } from '#shared/parking/letters.ts';
import { parker } from '#shared/parking/parker.ts';
import { toArrival, toReplayMessage } from '#shared/parking/provenance.ts';
import { ReplayInterruptedError, replayLetters } from '#shared/parking/replay-letters.ts';
import { memoryQueue, type QueueFault } from '#shared/queue/memory-queue.ts';
import { type Fault, memoryStore } from '#shared/state/memory-store.ts';

const queue = 'orders';
const nowMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;
const now = () => nowMs;

const idOf = (n: number) => `0197a000-0000-7000-8000-0000000000${String(n).padStart(2, '0')}`;

const arrival = (n: number): Arrival => ({
  queue,
  id: idOf(n),
  messageId: `m${n}`,
  cause: 'order-missing',
  body: JSON.stringify({ n }),
  event: { id: idOf(n), type: 'order.created', tenant: 'acme', occurredAtMs: nowMs },
  replays: 0,
});

interface Troubles {
  /** Of the n-th call to the store (from 0), reads included. */
  readonly store?: (call: number) => Fault | undefined;
  readonly queue?: (call: number) => QueueFault | undefined;
}

async function given(letters: number, troubles: Troubles = {}) {
  let troubled = false;
  let storeCall = 0;
  let queueCall = 0;
  const store = memoryStore({
    now,
    faults: () => (troubled ? troubles.store?.(storeCall++) : undefined),
  });
  const queues = memoryQueue({
    now,
    faults: () => (troubled ? troubles.queue?.(queueCall++) : undefined),
  });
  const park = parker({ store, table: 'parked', retainMs: 30 * dayMs, now });
  for (let n = 0; n < letters; n++) await park(arrival(n));
  const ids = Array.from({ length: letters }, (_, n) => idOf(n));
  const step = (ratePerSecond = 100, replayId = 'r1') =>
    replayLetters({
      ...{ store, queues, table: 'parked', replayId, ratePerSecond, now },
      tooOldMs: 50 * dayMs,
      outgoing: (letter) => ({ queue, message: toReplayMessage(letter) }),
    })(queue, ids);
  return {
    ...{ store, queues, park, ids, step },
    stateOf: async (n: number) =>
      (await letterNamed(store, { table: 'parked', queue, id: idOf(n), nowMs }))?.state,
    inTrouble: async <T>(work: () => Promise<T>): Promise<T> => {
      troubled = true;
      try {
        return await work();
      } finally {
        troubled = false;
      }
    },
  };
}

/** What a consumer with an inbox does with all that came: each event once. */
const effects = (taken: readonly { readonly body: string }[]) =>
  new Set(taken.map(({ body }) => body)).size;

describe('a step of a replay', () => {
  it('spreads its letters over time by their delays', async () => {
    const { step, queues } = await given(7);
    await step(3);
    const delays = queues.taken(queue).map(({ delaySeconds }) => delaySeconds);
    expect(delays).toEqual([0, 0, 0, 1, 1, 1, 2]);
  });

  it('sends again what it sent and did not mark: the consumer has one effect', async () => {
    // Reading and taking are calls 0 and 1; the mark is lost on its way to the store.
    const world = await given(1, { store: (call) => (call === 3 ? 'lose-request' : undefined) });
    await expect(world.inTrouble(world.step)).rejects.toThrow(ReplayInterruptedError);
    expect(world.queues.taken(queue)).toHaveLength(1);
    expect(await world.stateOf(0)).toBe('replaying');

    expect(await world.step()).toEqual([{ id: idOf(0), how: 'replayed' }]);
    const sent = world.queues.taken(queue);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.attributes).toEqual(sent[0]?.attributes);
    expect(effects(sent)).toBe(1);
    expect(await world.stateOf(0)).toBe('replayed');
  });

  it.each(['lose-request', 'lose-answer'] as const)(
    'ends right after any call to the store has met with %s, however late',
    async (fault) => {
      for (let at = 0; at < 20; at++) {
        const world = await given(3, { store: (call) => (call === at ? fault : undefined) });
        await world.inTrouble(world.step).catch(() => undefined);
        const ended = await world.step();
        expect(ended.map(({ how }) => how)).toEqual(['replayed', 'replayed', 'replayed']);
        for (const n of [0, 1, 2]) expect(await world.stateOf(n)).toBe('replayed');
        expect(effects(world.queues.taken(queue))).toBe(3);
      }
    },
  );

  it('sends what the queue did not take, and only that', async () => {
    const world = await given(3, {
      queue: (call) => (call === 0 ? { failed: ['m1'] } : undefined),
    });
    await expect(world.inTrouble(world.step)).rejects.toThrow(ReplayInterruptedError);
    expect(await world.stateOf(1)).toBe('replaying');
    await world.step();
    expect(world.queues.taken(queue)).toHaveLength(3);
    expect(await world.stateOf(1)).toBe('replayed');
  });

  it('gives back what the queue will never take, and says why', async () => {
    const world = await given(2, {
      queue: (call) => (call === 0 ? { refused: ['m0'] } : undefined),
    });
    const ended = await world.inTrouble(world.step);
    expect(ended).toContainEqual({ id: idOf(0), how: 'failed', because: 'InvalidMessageContents' });
    expect(await world.stateOf(0)).toBe('parked');
    expect((await world.step()).find(({ id }) => id === idOf(0))?.how).toBe('failed');
    expect(world.queues.taken(queue)).toHaveLength(1);
  });

  it('does not mark over a letter that has failed again meanwhile', async () => {
    const world = await given(1, { store: (call) => (call === 3 ? 'lose-request' : undefined) });
    await world.inTrouble(world.step).catch(() => undefined);
    const [message] = world.queues.taken(queue);
    const failed = { id: 'm9', body: message?.body ?? '', attributes: message?.attributes ?? {} };
    const event = arrival(0).event;
    expect(await world.park(toArrival(queue, failed, () => event))).toBe('parked-again');
    expect(await world.step()).toEqual([{ id: idOf(0), how: 'replayed' }]);
    expect(await world.stateOf(0)).toBe('parked');
    expect(world.queues.taken(queue)).toHaveLength(1);
  });

  it('shares its letters with another replay: each is sent by one of the two', async () => {
    const { step, queues } = await given(20);
    const [a, b] = await Promise.all([step(100, 'r1'), step(100, 'r2')]);
    expect(queues.taken(queue)).toHaveLength(20);
    const replayed = [...a, ...b].filter(({ how }) => how === 'replayed');
    expect(replayed).toHaveLength(20);
  });

  it.each([0, 0.5, Number.NaN])('takes no rate of %s', (ratePerSecond) => {
    const world = memoryStore();
    expect(() =>
      replayLetters({
        ...{ store: world, queues: memoryQueue(), table: 'parked', replayId: 'r', ratePerSecond },
        tooOldMs: dayMs,
        outgoing: () => ({ refused: 'never' }),
      }),
    ).toThrow(RangeError);
  });
});

describe('a letter’s way through its queue', () => {
  const event = arrival(0).event;
  const message = { id: 'm1', body: '{}', attributes: {} };

  it('is of an unknown cause when the queue itself gave it up', () => {
    const letter = toArrival(queue, message, () => event);
    expect(letter).toMatchObject({ id: idOf(0), cause: 'unknown', messageId: 'm1', replays: 0 });
  });

  it('has the id of its message where no event can be read, also after a replay', () => {
    const first = toArrival(queue, message, () => undefined);
    expect(first).toMatchObject({ id: 'm1' });
    const sent = toReplayMessage({ ...parkedAs(first), replays: 1, replay: { id: 'r1', atMs: 0 } });
    const again = toArrival(queue, { id: 'm2', ...sent }, () => undefined);
    expect(again).toMatchObject({ id: 'm1', messageId: 'm2', replays: 1 });
  });

  it('keeps the letter’s id when it was mended into an event', () => {
    const first = toArrival(queue, message, () => undefined);
    const sent = toReplayMessage({ ...parkedAs(first), replays: 1 }, '{"mended": true}');
    expect(toArrival(queue, { id: 'm2', ...sent }, () => event)).toMatchObject({ id: 'm1', event });
  });

  it('leaves room for what a worker says of it: five of ten attributes', () => {
    const first = toArrival(queue, message, () => undefined);
    const letter = { ...parkedAs(first), traceparent: 'trace', replay: { id: 'r1', atMs: 0 } };
    expect(Object.keys(toReplayMessage(letter).attributes).length).toBeLessThanOrEqual(5);
  });
});

const parkedAs = (arrived: Arrival) => ({
  ...arrived,
  state: 'replaying' as const,
  version: 1,
  parkedAtMs: nowMs,
  firstParkedAtMs: nowMs,
  parkings: 1,
  earlierReplays: [],
  history: [],
  expiresAtMs: nowMs + dayMs,
});
