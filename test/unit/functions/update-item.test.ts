import { describe, expect, it } from 'vitest';
import { itemReplacement } from '#functions/update-item/update-item.ts';
import { refusedWith, smallShop } from './small-shop.ts';

const terms = { name: 'A vase', priceMinor: 2_700, currency: 'EUR' };

describe('replacing an item', () => {
  it('changes name and price, moves the stock and says so', async () => {
    const { price, stock, replace, priceOf, stockOf, events } = smallShop();
    await price('vase', 2_500);
    await stock('vase', 40);
    const item = { ...terms, restock: 12 };
    expect(await replace({ id: 'vase', ifMatch: 1, item })).toEqual({
      how: 'committed',
      answer: { ...terms, id: 'vase', version: 2, restocked: 12 },
    });
    expect(await priceOf('vase')).toMatchObject({ ...terms, version: 2 });
    expect(await stockOf('vase')).toBe(52);
    expect(events()).toEqual([
      { type: 'item.changed', seq: 2, data: { itemId: 'vase', userId: 'u1' } },
    ]);
  });

  it('of another version changes neither price nor stock', async () => {
    const { price, stock, replace, priceOf, stockOf } = smallShop();
    await price('vase', 2_500, 'EUR', 4);
    await stock('vase', 40);
    const item = { ...terms, restock: 12 };
    expect(await replace({ id: 'vase', ifMatch: 3, item })).toMatchObject(
      refusedWith('stale-version'),
    );
    expect([await priceOf('vase'), await stockOf('vase')]).toMatchObject([
      { priceMinor: 2_500, version: 4 },
      40,
    ]);
  });

  it('that there is not makes none', async () => {
    const { replace } = smallShop();
    expect(await replace({ id: 'ghost', ifMatch: 1, item: terms })).toMatchObject(
      refusedWith('not-found'),
    );
  });

  it('loses no reservation that is made between its reading and its commit', async () => {
    let commits = 0;
    const shop: ReturnType<typeof smallShop> = smallShop({
      async faults({ verb }) {
        if (verb === 'commit' && ++commits === 1) await shop.process(order);
        return undefined;
      },
    });
    await shop.price('book', 100);
    await shop.stock('book', 5);
    const order = await shop.place();
    await shop.replace({ id: 'book', ifMatch: 1, item: { ...terms, restock: 10 } });
    expect(await shop.find(order.id)).toMatchObject({ status: 'confirmed' });
    expect(await shop.stockOf('book')).toBe(13);
  });

  it('cannot take out what orders have reserved meanwhile', async () => {
    let commits = 0;
    const shop: ReturnType<typeof smallShop> = smallShop({
      async faults({ verb }) {
        if (verb === 'commit' && ++commits === 1) await shop.process(order);
        return undefined;
      },
    });
    await shop.price('book', 100);
    await shop.stock('book', 5);
    const order = await shop.place();
    const item = { ...terms, restock: -4 };
    expect(await shop.replace({ id: 'book', ifMatch: 1, item })).toMatchObject(
      refusedWith('stock-insufficient'),
    );
    expect([await shop.stockOf('book'), await shop.priceOf('book')]).toMatchObject([
      3,
      { version: 1, priceMinor: 100 },
    ]);
  });

  it('moves the stock once, however often the request comes', async () => {
    const { price, stock, replace, stockOf } = smallShop();
    await price('vase', 2_500);
    await stock('vase', 40);
    const change = { id: 'vase', ifMatch: 1, item: { ...terms, restock: 12 } };
    expect(await replace(change, 'k')).toMatchObject({ how: 'committed' });
    expect(await replace(change, 'k')).toMatchObject({ how: 'replayed' });
    expect(await replace(change, 'another')).toMatchObject(refusedWith('stale-version'));
    expect(await stockOf('vase')).toBe(52);
  });

  it('leaves the stock alone unless it is to be moved', async () => {
    const { price, replace, stockOf } = smallShop();
    await price('vase', 2_500);
    await replace({ id: 'vase', ifMatch: 1, item: terms });
    expect(await stockOf('vase')).toBeUndefined();
  });

  it('is in no order’s way but where it changes the price it was placed at', async () => {
    const { place, price, stock, replace, process, find } = smallShop();
    await price('book', 100);
    await stock('book', 5);
    const order = await place();
    await replace({ id: 'book', ifMatch: 1, item: terms });
    await process(order);
    expect(await find(order.id)).toMatchObject({ status: 'confirmed', totalMinor: 200 });
  });
});

describe('the terms of an item', () => {
  it.each([
    ['a price below 0', { ...terms, priceMinor: -1 }],
    ['a price of nothing', { ...terms, priceMinor: 0 }],
    ['a fraction of a cent', { ...terms, priceMinor: 0.5 }],
    ['a price too large to sum', { ...terms, priceMinor: 100_000_000_001 }],
    ['a currency that is none', { ...terms, currency: 'XQQ' }],
    ['a currency in lower case', { ...terms, currency: 'eur' }],
    ['no name', { ...terms, name: ' ' }],
    ['a name with a control character', { ...terms, name: 'A\u001b[2Jvase' }],
    ['a name that turns text around', { ...terms, name: 'A \u202eesav' }],
    ['half a piece', { ...terms, restock: 0.5 }],
    ['an absolute stock', { ...terms, available: 5 }],
    ['a version', { ...terms, version: 5 }],
  ])('are not %s', (_, body) => {
    expect(itemReplacement.safeParse(body).success).toBe(false);
  });
});
