import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideOrder, newOrder } from '#functions/create-order/create-order.ts';

const by = {
  id: '0197a000-0000-7000-8000-00000000000a',
  tenant: 'acme',
  userId: 'u1',
  nowMs: Date.UTC(2026, 0, 2, 3, 4, 5),
};
const price = (priceMinor: number, currency = 'EUR') => ({
  version: 1,
  name: 'thing',
  priceMinor,
  currency,
});
const order = (...lines: { itemId: string; quantity: number }[]) => ({ lines, address: 'Here' });

describe('placing an order', () => {
  it('prices each line as it stands now, and is pending', () => {
    const decision = decideOrder(
      order({ itemId: 'book', quantity: 2 }, { itemId: 'lamp', quantity: 1 }),
      [price(1250), price(3900)],
      by,
    );
    expect(decision).toMatchObject({
      order: {
        status: 'pending',
        version: 1,
        totalMinor: 6400,
        currency: 'EUR',
        createdAt: '2026-01-02T03:04:05.000Z',
        lines: [{ priceMinor: 1250 }, { priceMinor: 3900 }],
      },
    });
  });

  it('is refused with every line that names an unknown item', () => {
    const lines = ['book', 'ghost', 'lamp', 'phantom'].map((itemId) => ({ itemId, quantity: 1 }));
    const prices = [price(1), undefined, price(1), undefined];
    expect(decideOrder(order(...lines), prices, by)).toEqual({
      refused: { because: 'unknown-items', lines: [1, 3] },
    });
  });

  it('is refused with every line in another currency than the first', () => {
    const lines = ['a', 'b', 'c'].map((itemId) => ({ itemId, quantity: 1 }));
    expect(decideOrder(order(...lines), [price(1), price(1, 'USD'), price(1)], by)).toEqual({
      refused: { because: 'mixed-currencies', lines: [1] },
    });
  });

  it('totals exactly the sum of its lines', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(10_000_000)), {
          minLength: 1,
          maxLength: 20,
        }),
        (rows) => {
          const lines = rows.map(([quantity], n) => ({ itemId: `i${n}`, quantity }));
          const decision = decideOrder(
            order(...lines),
            rows.map(([, minor]) => price(minor)),
            by,
          );
          const expected = rows.reduce((sum, [quantity, minor]) => sum + quantity * minor, 0);
          expect('order' in decision && decision.order.totalMinor).toBe(expected);
        },
      ),
    ));
});

describe('what may be ordered', () => {
  const valid = order({ itemId: 'book', quantity: 1 });
  it.each([
    ['no lines', { ...valid, lines: [] }],
    [
      '21 lines',
      { ...valid, lines: Array.from({ length: 21 }, (_, n) => ({ itemId: `i${n}`, quantity: 1 })) },
    ],
    ['an item twice', order({ itemId: 'book', quantity: 1 }, { itemId: 'book', quantity: 2 })],
    ['a quantity of 0', order({ itemId: 'book', quantity: 0 })],
    ['a negative quantity', order({ itemId: 'book', quantity: -1 })],
    ['half a book', order({ itemId: 'book', quantity: 0.5 })],
    ['a quantity as text', { ...valid, lines: [{ itemId: 'book', quantity: '1' }] }],
    ['an empty address', { ...valid, address: '  ' }],
    ['an address with a NUL', { ...valid, address: 'Here\0' }],
    ['an address that turns text around', { ...valid, address: 'Here \u202eereht' }],
    ['no address', { lines: valid.lines }],
    ['an unknown field', { ...valid, discount: 100 }],
    [
      'an unknown field in a line',
      { ...valid, lines: [{ itemId: 'book', quantity: 1, price: 1 }] },
    ],
    ['nothing', null],
    ['a list', []],
  ])('is not %s', (_, body) => {
    expect(newOrder.safeParse(body).success).toBe(false);
  });
});
