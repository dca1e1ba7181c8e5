/** Puts the demo data where there is none yet: what people or tests have changed stays as it is. */
import {
  accountAddress,
  itemPriceAddress,
  itemStockAddress,
  orderAddress,
  relayJobAddress,
  userAddress,
} from '#functions/domain/keys.ts';
import { toOrderItem } from '#functions/domain/order.ts';
import { toRelayJobItem } from '#functions/domain/relay-job.ts';
import { type DemoTenant, demoTenants } from '#functions/tables/tiers.ts';
import type { Address, Item } from '#shared/state/items.ts';
import type { ItemWriter } from '#shared/state/store.ts';
import { bookingsOf } from './demo-bookings.ts';
import { crowdsOf } from './demo-crowds.ts';
import {
  demoAccounts,
  demoItems,
  demoUsers,
  loadAccounts,
  toChangeableOrders,
  toDemoOrder,
  toDemoRelayJob,
  toPrice,
  toStock,
  toUser,
} from './demo-data.ts';
import { demoLetters } from './demo-letters.ts';

interface Placed {
  readonly at: Address;
  readonly item: Item;
}

/** Everything that a tenant begins with. */
function demoDataOf(tenant: DemoTenant): readonly Placed[] {
  const users = (Object.keys(demoUsers) as (keyof typeof demoUsers)[]).map((user) => ({
    at: userAddress(tenant, user),
    item: toUser(tenant, user),
  }));
  const items = Object.entries(demoItems).flatMap(([id, row]) => [
    { at: itemPriceAddress(tenant, id), item: toPrice(row) },
    { at: itemStockAddress(tenant, id), item: toStock(row) },
  ]);
  const orders = [toDemoOrder(tenant), ...toChangeableOrders(tenant)].map((order) => ({
    at: orderAddress(tenant, order.id),
    item: toOrderItem(order),
  }));
  const accounts = [...demoAccounts, ...(tenant === 'load' ? loadAccounts : [])].map((account) => ({
    at: accountAddress(tenant, account.id),
    item: account,
  }));
  const job = toDemoRelayJob(tenant);
  const jobs = [{ at: relayJobAddress(tenant, job.id), item: toRelayJobItem(job) }];
  return [
    ...users,
    ...items,
    ...orders,
    ...accounts,
    ...jobs,
    ...crowdsOf(tenant),
    ...bookingsOf(tenant),
  ];
}

export interface Seeded {
  /** Items that were not there. */
  readonly written: number;
  /** Items that were, whatever they hold now. */
  readonly found: number;
}

/** All at once: there are few, and each write has a condition of its own. */
export async function seed(store: ItemWriter): Promise<Seeded> {
  const tenants = (Object.keys(demoTenants) as DemoTenant[]).flatMap(demoDataOf);
  const data = [...tenants, ...demoLetters(Date.now())];
  const answers = await Promise.all(
    data.map(({ at, item }) => store.write({ put: item, at, when: { absent: true } })),
  );
  const written = answers.filter(({ applied }) => applied).length;
  return { written, found: answers.length - written };
}
