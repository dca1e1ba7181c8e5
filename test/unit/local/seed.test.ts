import { describe, expect, it } from 'vitest';
import { readAccount } from '#functions/domain/account.ts';
import { readPrice, readStock, readUser } from '#functions/domain/catalogue.ts';
import {
  accountAddress,
  itemPriceAddress,
  itemStockAddress,
  orderAddress,
  userAddress,
} from '#functions/domain/keys.ts';
import { readOrder } from '#functions/domain/order.ts';
import { demoTenants } from '#functions/tables/tiers.ts';
import { demoAccounts, demoItems, demoUsers, loadAccounts } from '#local/demo-data.ts';
import { seed } from '#local/seed.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const seededOrder = '0197a000-0000-7000-8000-000000000001';
const tenants = Object.keys(demoTenants);

describe('a fresh stage', () => {
  it.each(tenants)(
    'has users, items and an order of %s, as the service reads them',
    async (tenant) => {
      const store = memoryStore();
      await seed(store);

      for (const user of Object.keys(demoUsers)) {
        const found = readUser(await store.read(userAddress(tenant, user)));
        expect(found?.email).toBe(`${user}@${tenant}.example`);
      }
      for (const [id, { priceMinor, available }] of Object.entries(demoItems)) {
        expect(readPrice(await store.read(itemPriceAddress(tenant, id)))).toMatchObject({
          priceMinor,
          currency: 'EUR',
        });
        expect(readStock(await store.read(itemStockAddress(tenant, id)))).toEqual({ available });
      }
      const item = await store.read(orderAddress(tenant, seededOrder));
      expect(item && readOrder(item)).toMatchObject({
        id: seededOrder,
        tenant,
        userId: 'u1',
        status: 'confirmed',
        totalMinor: 2_500,
      });
    },
  );

  it.each(tenants)('has accounts of %s that transfers can begin with', async (tenant) => {
    const store = memoryStore();
    await seed(store);
    const wanted = [...demoAccounts, ...(tenant === 'load' ? loadAccounts : [])];
    for (const { id, userId, currency } of wanted)
      expect(readAccount(await store.read(accountAddress(tenant, id)))).toMatchObject({
        userId,
        currency,
        balanceMinor: 1_000_000,
      });
  });

  it('has something of which there is one, and something that is sold out', async () => {
    const store = memoryStore();
    await seed(store);
    const stock = async (id: string) =>
      readStock(await store.read(itemStockAddress('acme', id)))?.available;
    expect([await stock('rarity'), await stock('soldout')]).toEqual([1, 0]);
  });
});

describe('seeding again', () => {
  it('changes nothing', async () => {
    const store = memoryStore();
    const { written, found } = await seed(store);
    expect(found).toBe(0);
    const before = store.items('domain');

    expect(await seed(store)).toEqual({ written: 0, found: written });
    expect(store.items('domain')).toEqual(before);
  });

  it('leaves alone what has been sold meanwhile', async () => {
    const store = memoryStore();
    await seed(store);
    await store.write({ add: { available: -1 }, at: itemStockAddress('acme', 'rarity') });

    await seed(store);
    expect(readStock(await store.read(itemStockAddress('acme', 'rarity')))).toEqual({
      available: 0,
    });
  });
});
