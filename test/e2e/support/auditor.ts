/** Reads the tables themselves: what really happened, whatever the API says. */

import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { readStock } from '#functions/domain/catalogue.ts';
import { itemStockAddress, orderAddress } from '#functions/domain/keys.ts';
import { type Order, orderAggregate, readOrder } from '#functions/domain/order.ts';
import { pageOfOrders } from '#functions/list-orders/list-orders.ts';
import { resourceName } from '#functions/tables/names.ts';
import { type TableName, tables } from '#functions/tables/tables.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import type { Item } from '#shared/state/items.ts';
import { stage } from './stage.ts';

/** An auditor waits: what a busy engine answers late is no finding. */
const client = new DynamoDBClient(clientOptions({ ...patience, maxAttempts: 1 }));
const physical = (table: TableName) => resourceName(stage, table);

export const store = dynamoStore({
  clients: { once: client, again: client },
  tables: Object.fromEntries(
    (Object.keys(tables) as TableName[]).map((table) => [table, physical(table)]),
  ),
});

export async function ordersOf(tenant: string, userId: string): Promise<readonly Order[]> {
  const { orders } = await pageOfOrders(store, { tenant, userId }, { limit: 1_000 });
  return orders;
}

export async function orderOf(tenant: string, id: string): Promise<Order | undefined> {
  const item = await store.read(orderAddress(tenant, id));
  return item && readOrder(item);
}

/** Every item of a table. For the small tables of a test stack. */
export async function everyItemOf(table: TableName): Promise<readonly Item[]> {
  const items: Item[] = [];
  let start: Record<string, never> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: physical(table),
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []).map((item) => unmarshall(item) as Item));
    start = page.LastEvaluatedKey as typeof start;
  } while (start);
  return items;
}

/** What the simulated mail provider did: one item a mail, with the times it was asked. */
export async function mailsFor(orderIds: readonly string[]): Promise<readonly Item[]> {
  const wanted = new Set(orderIds);
  const items = await everyItemOf('state');
  return items.filter(
    ({ pk, orderId }) => String(pk).startsWith('simulated#email#') && wanted.has(String(orderId)),
  );
}

/** The events of these orders, as they stand in the outbox. */
export async function eventsOf(orderIds: readonly string[]): Promise<readonly Item[]> {
  const wanted = new Set(orderIds.map(orderAggregate));
  const items = await everyItemOf('outbox');
  return items.filter(({ kind, aggregate }) => kind === 'event' && wanted.has(String(aggregate)));
}

export async function stockOf(tenant: string, itemId: string): Promise<number> {
  return readStock(await store.read(itemStockAddress(tenant, itemId)))?.available ?? 0;
}
