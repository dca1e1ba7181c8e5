/**
 * Where entities live in the domain table. Every builder takes the tenant first, so that a read
 * across tenants cannot be expressed; every part is encoded, so that no id can reach into another.
 */
import type { Address } from '#shared/state/items.ts';

const encoded = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('#');

const inDomain = (pk: string, sk: string): Address => ({ table: 'domain', key: { pk, sk } });

export const orderAddress = (tenant: string, orderId: string): Address =>
  inDomain(encoded(tenant, 'order', orderId), 'order');

/** An item's price and its stock are separate records: an order conditions on the price and moves the
 *  stock, and neither is in the other's way. */
export const itemPriceAddress = (tenant: string, itemId: string): Address =>
  inDomain(encoded(tenant, 'item', itemId), 'price');

export const itemStockAddress = (tenant: string, itemId: string): Address =>
  inDomain(encoded(tenant, 'item', itemId), 'stock');

export const userAddress = (tenant: string, userId: string): Address =>
  inDomain(encoded(tenant, 'user', userId), 'user');

/** Partitions of a tenant's order list: one alone would cap a tenant at 1,000 writes a second. */
export const orderListShards = 8;

export interface OrderListKey {
  readonly listPk: string;
  readonly listSk: string;
}

/** The orders of one user lie side by side, ids (and so time) ascending. */
export const orderListKey = (tenant: string, userId: string, orderId: string): OrderListKey => ({
  listPk: orderListPartition(tenant, shardOf(userId)),
  listSk: `${orderListPrefix(userId)}${encoded(orderId)}`,
});

export const orderListPartition = (tenant: string, shard: number): string =>
  encoded(tenant, 'orders', String(shard));

export const orderListPrefix = (userId: string): string => `${encoded(userId)}#`;

/** FNV-1a, 32 bits: cheap, even, and the same in every environment. */
export function shardOf(userId: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(userId)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % orderListShards;
}

/** Entries of one day lie side by side, in the order of their events' ids. */
export const auditAddress = (tenant: string, day: string, eventId: string): Address =>
  inDomain(encoded(tenant, 'audit', day), encoded(eventId));
