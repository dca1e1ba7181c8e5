/** What parking, listing and replaying do over any store. */
import { expect, it } from 'vitest';
import type { Arrival } from '#shared/parking/letter.ts';
import { letterNamed, pageOfLetters, summarizeQueue } from '#shared/parking/letters.ts';
import { LetterTooLargeError, parker } from '#shared/parking/parker.ts';
import { planReplay } from '#shared/parking/plan-replay.ts';
import { toReplayMessage } from '#shared/parking/provenance.ts';
import {
  nothingYet,
  type Replay,
  readReplay,
  replayAddress,
  replayWrite,
} from '#shared/parking/replay.ts';
import { replayLetters } from '#shared/parking/replay-letters.ts';
import { memoryQueue } from '#shared/queue/memory-queue.ts';
import type { Item } from '#shared/state/items.ts';
import type { ItemReader, ItemWriter, RangeReader } from '#shared/state/store.ts';

const table = 'parked';
const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 0, 1);

export function parkingContract(make: () => ItemReader & ItemWriter & RangeReader): void {
  /** A queue of its own in a store that others may use. */
  function given() {
    const store = make();
    const queue = `q:${crypto.randomUUID()}`;
    let nowMs = startMs;
    const now = () => nowMs;
    const queues = memoryQueue({ now });
    const park = parker({ store, table, retainMs: 30 * dayMs, now });
    const arrival = (n: number, fields: Partial<Arrival> = {}): Arrival => ({
      queue,
      id: `0197a000-0000-7000-8000-00000000000${n}`,
      messageId: `m${n}`,
      cause: 'order-missing',
      error: 'PermanentFault',
      attempt: 1,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      event: { id: arrivalId(n), type: 'order.created', tenant: 'acme', occurredAtMs: startMs },
      body: JSON.stringify({ n, text: 'äöü' }),
      replays: 0,
      ...fields,
    });
    const arrivalId = (n: number) => `0197a000-0000-7000-8000-00000000000${n}`;
    const read = (n: number) => letterNamed(store, { table, queue, id: arrivalId(n), nowMs });
    const replay = (replayId: string, ids: readonly number[]) =>
      replayLetters({
        store,
        queues,
        table,
        replayId,
        ratePerSecond: 10,
        tooOldMs: 50 * dayMs,
        outgoing: (letter) => ({ queue, message: toReplayMessage(letter) }),
        now,
      })(queue, ids.map(arrivalId));
    const query = { store, table, queue, limit: 100, mostRead: 100, nowMs };
    return {
      ...{ store, queue, queues, park, arrival, arrivalId, read, replay, query, now },
      pass: (ms: number) => {
        nowMs += ms;
      },
    };
  }

  it('reads a letter as it was parked, to the last character', async () => {
    const { park, arrival, read, queue } = given();
    expect(await park(arrival(1))).toBe('parked');
    expect(await read(1)).toEqual({
      ...arrival(1),
      queue,
      state: 'parked',
      version: 1,
      parkings: 1,
      parkedAtMs: startMs,
      firstParkedAtMs: startMs,
      earlierReplays: [],
      history: [],
      expiresAtMs: startMs + 30 * dayMs,
    });
    expect(await park(arrival(1))).toBe('duplicate');
    expect(await read(2)).toBeUndefined();
  });

  it('parks letters that arrive at the same time once each', async () => {
    const { park, arrival } = given();
    const hows = await Promise.all([1, 2, 1, 2, 1].map((n) => park(arrival(n))));
    expect(hows.filter((how) => how === 'parked')).toHaveLength(2);
    expect(hows.filter((how) => how === 'duplicate')).toHaveLength(3);
  });

  it('forgets a letter when its time is over, although the store has it still', async () => {
    const { park, arrival, store, queue, pass, now } = given();
    await park(arrival(1));
    pass(30 * dayMs);
    const named = { table, queue, id: arrival(1).id };
    expect(await letterNamed(store, { ...named, nowMs: now() })).toBeUndefined();
    expect(await park(arrival(1))).toBe('parked');
  });

  it('leaves a letter that no item can hold where it is', async () => {
    const { park, arrival } = given();
    await expect(park(arrival(1, { body: 'x'.repeat(350_001) }))).rejects.toThrow(
      LetterTooLargeError,
    );
  });

  it('lists by cause and time, without bodies, page by page', async () => {
    const { park, arrival, query, pass, now } = given();
    await park(arrival(1, { cause: 'b-cause' }));
    pass(1_000);
    await park(arrival(2, { cause: 'a-cause' }));
    pass(1_000);
    await park(arrival(3, { cause: 'a-cause', event: { ...of(arrival(3)), tenant: 'globex' } }));
    const at = { nowMs: now() };

    const first = await pageOfLetters({ ...query, ...at, limit: 2 });
    expect(first.letters.map(({ messageId }) => messageId)).toEqual(['m2', 'm3']);
    expect(first.letters.every((letter) => letter.body === undefined)).toBe(true);
    const second = await pageOfLetters({ ...query, ...at, limit: 2, after: first.next });
    expect(second.letters.map(({ messageId }) => messageId)).toEqual(['m1']);
    expect(second.next).toBeUndefined();

    const ids = async (filter: object, more: object = {}) =>
      (await pageOfLetters({ ...query, ...at, ...more, filter })).letters.map((l) => l.messageId);
    expect(await ids({ cause: 'a-cause' })).toEqual(['m2', 'm3']);
    expect(await ids({ cause: 'a' })).toEqual([]);
    expect(await ids({ tenant: 'globex' })).toEqual(['m3']);
    expect(await ids({ fromMs: startMs + 1_000, toMs: startMs + 2_000 })).toEqual(['m2']);
    expect(await ids({ states: ['replayed'] })).toEqual([]);
    expect(await ids({ tenant: 'globex' }, { mostRead: 1 })).toEqual([]);
  });

  it('counts what waits by cause, and says when it did not count all', async () => {
    const { park, arrival, query, replay, pass, arrivalId } = given();
    for (const n of [1, 2, 3]) {
      await park(arrival(n));
      pass(1_000);
    }
    await park(arrival(4, { cause: 'not-json' }));
    await replay('r1', [2]);
    expect(await summarizeQueue(query)).toEqual({
      causes: [
        {
          cause: 'order-missing',
          count: 2,
          oldestParkedAtMs: startMs,
          sampleId: arrivalId(1),
        },
        {
          cause: 'not-json',
          count: 1,
          oldestParkedAtMs: startMs + 3_000,
          sampleId: arrivalId(4),
        },
      ],
      truncated: false,
    });
    expect(await summarizeQueue({ ...query, mostRead: 2 })).toMatchObject({ truncated: true });
  });

  it('sends each letter to its queue with where it comes from, and marks it', async () => {
    const { park, arrival, replay, read, queues, queue } = given();
    await park(arrival(1));
    expect(await replay('r1', [1, 2])).toEqual([
      { id: arrival(2).id, how: 'skipped', because: 'not-found' },
      { id: arrival(1).id, how: 'replayed' },
    ]);
    expect(queues.taken(queue)).toMatchObject([
      {
        body: arrival(1).body,
        attributes: { replayId: 'r1', replays: '1', traceparent: arrival(1).traceparent },
      },
    ]);
    expect(await read(1)).toMatchObject({ state: 'replayed', replays: 1, version: 3 });
    expect(await replay('r1', [1])).toEqual([{ id: arrival(1).id, how: 'replayed' }]);
    expect(queues.taken(queue)).toHaveLength(1);
  });

  it('sends the body it was given up with, whatever another replay sent in its place', async () => {
    const { park, arrival, arrivalId, replay, read, queues, queue, query } = given();
    await park(arrival(1));
    await replay('r1', [1]);
    const failed = { body: '"edited"', cause: 'event-id-reused', replays: 1 };
    expect(await park(arrival(1, failed))).toBe('parked-again');
    expect(await read(1)).toMatchObject({
      cause: 'event-id-reused',
      body: arrival(1).body,
      edited: '"edited"',
    });
    const { letters } = await pageOfLetters(query);
    expect(letters).toMatchObject([{ id: arrivalId(1) }]);
    expect(letters[0]).not.toHaveProperty('edited');
    await replay('r2', [1]);
    expect(queues.taken(queue).map(({ body }) => body)).toEqual([arrival(1).body, arrival(1).body]);
  });

  it('parks a failed edit without its body where one item cannot hold both', async () => {
    const { park, arrival, replay, read } = given();
    const body = 'x'.repeat(300_000);
    await park(arrival(1, { body }));
    await replay('r1', [1]);
    const edited = 'y'.repeat(60_000);
    expect(await park(arrival(1, { body: edited, replays: 1 }))).toBe('parked-again');
    expect(await read(1)).toMatchObject({ state: 'parked', parkings: 2, body });
    expect(await read(1)).not.toHaveProperty('edited');
  });

  it('goes on behind the last letter of a page, wherever that stands among others', async () => {
    const { park, arrival, query, pass, now, arrivalId } = given();
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const tenant = n % 2 ? 'acme' : 'globex';
      await park(arrival(n, { event: { ...of(arrival(n)), tenant } }));
      pass(1_000);
    }
    for (const limit of [1, 2, 3]) {
      const found: string[] = [];
      let after: Item | undefined;
      do {
        const more = { nowMs: now(), limit, after, filter: { tenant: 'acme' } };
        const page = await pageOfLetters({ ...query, ...more });
        expect(page.letters.length).toBeLessThanOrEqual(limit);
        found.push(...page.letters.map(({ id }) => id));
        after = page.next;
      } while (after);
      expect(found).toEqual([1, 3, 5, 7].map(arrivalId));
    }
  });

  it('plans what a replay would do, and does nothing', async () => {
    const { park, arrival, arrivalId, query, read, replay, queues, queue } = given();
    await park(arrival(1));
    await park(arrival(2, { event: { ...of(arrival(2)), occurredAtMs: startMs - 51 * dayMs } }));
    await park(arrival(3));
    await replay('r0', [3]);
    const options = { ...query, replayId: 'r1', tooOldMs: 50 * dayMs };
    const named = { ids: [1, 2, 3, 4].map(arrivalId) };
    expect((await planReplay({ ...options, wanted: named })).progress).toEqual({
      matched: 4,
      replayed: 1,
      skipped: 3,
      failed: 0,
      because: { 'older-than-inbox': 1, replayed: 1, 'not-found': 1 },
    });
    expect((await planReplay({ ...options, wanted: { filter: {} } })).progress).toMatchObject({
      matched: 2,
      replayed: 1,
    });
    expect(await read(1)).toMatchObject({ state: 'parked', version: 1 });
    expect(queues.taken(queue)).toHaveLength(1);
  });

  it('keeps a replay as it was written, and forgets it in time', async () => {
    const { store, queue } = given();
    const replay: Replay = {
      queue,
      id: 'r1',
      version: 1,
      state: 'running',
      wanted: { filter: { cause: 'order-missing', fromMs: startMs } },
      edit: { id: 'm1', body: '{}' },
      ratePerSecond: 2.5,
      requestedBy: 'ops',
      requestedAtMs: startMs,
      step: 3,
      position: { pk: queue, sk: 'a', causeSk: 'b' } satisfies Item,
      progress: { ...nothingYet, because: { replayed: 1 } },
      expiresAtMs: startMs + dayMs,
    };
    await store.write(replayWrite(table, replay));
    const item = await store.read(replayAddress(table, queue, 'r1'));
    expect(readReplay(item, startMs)).toEqual(replay);
    expect(readReplay(item, startMs + dayMs)).toBeUndefined();
  });
}

/** The event of a letter that has one. */
function of({ event }: Arrival) {
  if (!event) throw new TypeError('no event');
  return event;
}
