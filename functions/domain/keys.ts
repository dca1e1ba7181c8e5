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

export const accountAddress = (tenant: string, accountId: string): Address =>
  inDomain(encoded(tenant, 'account', accountId), 'account');

export const transferAddress = (tenant: string, transferId: string): Address =>
  inDomain(encoded(tenant, 'transfer', transferId), 'transfer');

/** Partitions of a tenant's order list: one alone would cap a tenant at 1,000 writes a second. */
export const orderListShards = 8;

export interface OrderListKey {
  readonly listPk: string;
  readonly listSk: string;
}

export interface ListedOrder {
  readonly userId: string;
  /** ISO 8601 in UTC, with milliseconds: as text it sorts by time. */
  readonly createdAt: string;
  readonly id: string;
}

/** The orders of one user lie side by side, in the order of their creation. */
export const orderListKey = (
  tenant: string,
  { userId, createdAt, id }: ListedOrder,
): OrderListKey => ({
  listPk: orderListPartition(tenant, shardOf(userId)),
  listSk: `${orderListPrefix(userId)}${encoded(createdAt, id)}`,
});

export const orderListPartition = (tenant: string, shard: number): string =>
  encoded(tenant, 'orders', String(shard));

export const orderListPrefix = (userId: string): string => `${encoded(userId)}#`;

/** FNV-1a, 32 bits: cheap, even, and the same in every environment. */
export function shardOf(userId: string, shards = orderListShards): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(userId)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % shards;
}

/** Entries of one day lie side by side, in the order of their events' ids. */
export const auditAddress = (tenant: string, day: string, eventId: string): Address =>
  inDomain(encoded(tenant, 'audit', day), encoded(eventId));

/** The last that is known of an aggregate, by the events that came so far. */
export const lastEventAddress = (tenant: string, aggregate: string): Address =>
  inDomain(encoded(tenant, 'last-event', aggregate), 'last-event');

export const pollAddress = (tenant: string, pollId: string): Address =>
  inDomain(encoded(tenant, 'poll', pollId), 'poll');

/** In a partition of its own: votes of one poll are never read together. */
export const voteAddress = (tenant: string, pollId: string, userId: string): Address =>
  inDomain(encoded(tenant, 'poll', pollId, 'vote', userId), 'vote');

/** Counter items that lie side by side, to be read with one query (see domain/tally.ts). */
export const tallyPartition = (tenant: string, pollId: string, partition: number): string =>
  encoded(tenant, 'poll', pollId, 'tally', String(partition));

export const tallyAddress = (
  tenant: string,
  pollId: string,
  { partition, shard }: { readonly partition: number; readonly shard: number },
): Address => inDomain(tallyPartition(tenant, pollId, partition), String(shard).padStart(2, '0'));

/** A coupon's terms and what is left of it are separate records, as an item's price and stock are. */
export const couponAddress = (tenant: string, code: string): Address =>
  inDomain(encoded(tenant, 'coupon', code), 'terms');

export const couponLeftAddress = (tenant: string, code: string): Address =>
  inDomain(encoded(tenant, 'coupon', code), 'left');

export const redemptionAddress = (tenant: string, code: string, userId: string): Address =>
  inDomain(encoded(tenant, 'coupon', code, 'redemption', userId), 'redemption');

/** A user's claims lie side by side, by day: `2026-03-01`. */
export const rewardAddress = (tenant: string, userId: string, day: string): Address =>
  inDomain(encoded(tenant, 'reward', userId), encoded(day));

export const resourceAddress = (tenant: string, resourceId: string): Address =>
  inDomain(encoded(tenant, 'resource', resourceId), 'resource');

/** Slots of one day lie side by side: `2030-01-07`. */
export const slotPartition = (tenant: string, resourceId: string, day: string): string =>
  encoded(tenant, 'resource', resourceId, 'slots', day);

/** By its start: `2030-01-07T09:00:00Z`. */
export const slotAddress = (tenant: string, resourceId: string, start: string): Address =>
  inDomain(slotPartition(tenant, resourceId, start.slice(0, 10)), start);

export const bookingAddress = (tenant: string, bookingId: string): Address =>
  inDomain(encoded(tenant, 'booking', bookingId), 'booking');

/** Partitions of the list of holds. */
export const heldListShards = 8;

/** Across tenants, so it is nobody's: no caller has the tenant without a name. */
export const heldListPartition = (shard: number): string => encoded('', 'holds', String(shard));

/** Holds lie in the order of their ends, which as text with milliseconds sort by time. */
export const heldListKey = ({
  tenant,
  id,
  holdEndsAt,
}: {
  readonly tenant: string;
  readonly id: string;
  readonly holdEndsAt: string;
}): OrderListKey => ({
  listPk: heldListPartition(shardOf(id, heldListShards)),
  listSk: encoded(holdEndsAt, tenant, id),
});

export const relayJobAddress = (tenant: string, jobId: string): Address =>
  inDomain(encoded(tenant, 'relay-job', jobId), 'relay-job');

/** The counter of a share of the relay. That of those without one of their own is nobody's. */
export const relaySlotsAddress = (tenant: string | undefined): Address =>
  inDomain(encoded(tenant ?? '', 'relay-slots'), 'relay-slots');

/** Partitions of the list of accepted jobs. */
export const relayListShards = 4;

/** Across tenants, as the list of holds. */
export const relayListPartition = (shard: number): string =>
  encoded('', 'relay-jobs', String(shard));

/** Jobs lie in the order of their acceptance. */
export const relayListKey = ({
  tenant,
  id,
  acceptedAt,
}: {
  readonly tenant: string;
  readonly id: string;
  readonly acceptedAt: string;
}): OrderListKey => ({
  listPk: relayListPartition(shardOf(id, relayListShards)),
  listSk: encoded(acceptedAt, tenant, id),
});

/**
 * Across tenants, so it is nobody's. One partition, as its order is of time: a partition takes 1,000
 * writes a second, and its only writer is a worker of few at once (functions/tables/queues.ts).
 */
export const violationListPartition = encoded('', 'violations');

/** `at` is ISO 8601 in UTC, with milliseconds; the tenant stands in the entry's own key. */
export const violationListKey = ({
  id,
  at,
}: {
  readonly id: string;
  readonly at: string;
}): OrderListKey => ({ listPk: violationListPartition, listSk: encoded(at, id) });
