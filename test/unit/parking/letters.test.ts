/** What it takes to look through many letters. */
import { describe, expect, it } from 'vitest';
import { type LetterQuery, pageOfLetters } from '#shared/parking/letters.ts';
import { parker } from '#shared/parking/parker.ts';
import type { Item } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import type { RangeReader } from '#shared/state/store.ts';

const nowMs = Date.UTC(2026, 0, 1);
const queue = 'orders';

/** So many letters, of which the first so many are of the tenant that is asked for. */
async function given({ letters, fitting }: { letters: number; fitting: number }) {
  const inner = memoryStore({ now: () => nowMs });
  const park = parker({ store: inner, table: 'parked', retainMs: 1_000, now: () => nowMs });
  for (let n = 0; n < letters; n++) {
    const id = `m${String(n).padStart(4, '0')}`;
    const tenant = n < fitting ? 'acme' : 'globex';
    const event = { id, type: 'order.created', tenant, occurredAtMs: nowMs };
    await park({ queue, id, messageId: id, cause: 'c', body: '{}', replays: 0, event });
  }
  /** Of each query that was sent. */
  const limits: number[] = [];
  const store: RangeReader = {
    page(range) {
      limits.push(range.limit);
      return inner.page(range);
    },
  };
  const asked = { store, table: 'parked', queue, filter: { tenant: 'acme' }, nowMs };
  const query = (fields: Partial<LetterQuery> = {}) =>
    pageOfLetters({ ...asked, limit: 30, mostRead: 500, ...fields });
  return { query, limits };
}

describe('a page of letters', () => {
  it('asks for no fewer because it has nearly all: one more may be hundreds further on', async () => {
    const { query, limits } = await given({ letters: 600, fitting: 29 });
    const { letters, next } = await query();
    expect(letters).toHaveLength(29);
    expect(next).toBeDefined();
    expect(limits.length).toBeLessThanOrEqual(5);
  });

  it('reads no more than it may', async () => {
    const { query, limits } = await given({ letters: 300, fitting: 0 });
    await query({ mostRead: 250 });
    expect(limits.reduce((sum, limit) => sum + limit)).toBe(250);
  });

  it('reads all that is wanted at once where that is much', async () => {
    const { query, limits } = await given({ letters: 600, fitting: 600 });
    expect((await query({ limit: 500 })).letters).toHaveLength(500);
    expect(limits).toHaveLength(1);
  });

  it('leaves none out that was read with it', async () => {
    const { query } = await given({ letters: 250, fitting: 250 });
    const found: string[] = [];
    let after: Item | undefined;
    do {
      const page = await query({ after });
      found.push(...page.letters.map(({ id }) => id));
      after = page.next;
    } while (after);
    expect([found.length, new Set(found).size]).toEqual([250, 250]);
  });

  it('says that it is the last when nothing stands behind its last letter', async () => {
    const { query } = await given({ letters: 30, fitting: 30 });
    expect(await query()).not.toHaveProperty('next');
    expect((await query({ limit: 29 })).next).toBeDefined();
  });

  it('ends when there is no time, after one step at least, and says where it stopped', async () => {
    const { query, limits } = await given({ letters: 300, fitting: 0 });
    const { letters, next } = await query({ hasTime: () => false });
    expect([letters, limits.length]).toEqual([[], 1]);
    const rest = await query({ after: next });
    expect([rest.next, limits.length]).toEqual([undefined, 3]);
  });
});
