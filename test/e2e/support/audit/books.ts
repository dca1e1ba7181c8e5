/** Everything that stands when a run is over, and what its callers were told. */
import { type EventType, eventTypes } from '#functions/tables/events.ts';
import type { QueueName } from '#functions/tables/queues.ts';
import { type TableName, tables } from '#functions/tables/tables.ts';
import { madeBy } from '#shared/idempotency/carrier.ts';
import { parseRecord, type UnitRecord } from '#shared/idempotency/record.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { readPendingEvent } from '#shared/outbox/outbox-items.ts';
import { type Address, addressText, type Item, type Value } from '#shared/state/items.ts';
import { readTraceparent } from '#shared/telemetry/trace.ts';
import type { Told } from '../hammer/told.ts';

export interface BooksOptions {
  /** The run's own. What other tenants have is nobody's business here. */
  readonly tenants: readonly string[];
  readonly told: readonly Told[];
  /** When the tables were read. */
  readonly nowMs: number;
  /** Events that no consumer can ever do, by id. */
  readonly poison: ReadonlySet<string>;
  /** Every item of every table. */
  readonly items: Readonly<Partial<Record<TableName, readonly Item[]>>>;
}

export interface Books extends Omit<BooksOptions, 'items'> {
  at(address: Address): Item | undefined;
  /** What the domain has of a kind: `order`, `account`. */
  ofKind(kind: string): readonly Entity[];
  /** Of whatever tenant: for what the run's tenants have together with others. */
  ofKindAnywhere(kind: string): readonly Entity[];
  /** The record of its making that an entity carries, by the entity's id. */
  madeOf(id: string): Item | undefined;
  readonly events: readonly DomainEvent[];
  readonly state: readonly Item[];
  /** What no queue or no consumer took, of these tenants. */
  readonly parked: readonly Item[];
}

/** An item of the domain table, and its key, part by part. */
export interface Entity {
  readonly tenant: string;
  readonly kind: string;
  readonly rest: readonly string[];
  readonly sk: string;
  readonly item: Item;
}

export function booksOf({ items, tenants, ...run }: BooksOptions): Books {
  const own = new Set(tenants);
  const standing = new Map(
    Object.entries(items).flatMap(([table, all]) =>
      (all ?? []).map((item) => [addressText(addressOf(table as TableName, item)), item] as const),
    ),
  );
  const anywhere = (items.domain ?? []).map(toEntity);
  const entities = anywhere.filter(({ tenant }) => own.has(tenant));
  const made = new Map(
    entities.flatMap(({ item: { id, [madeBy]: record } }) =>
      record ? [[String(id), record as Item] as const] : [],
    ),
  );
  const byKind = Map.groupBy(entities, ({ kind }) => kind);
  return {
    ...run,
    tenants,
    at: (address) => standing.get(addressText(address)),
    ofKind: (kind) => byKind.get(kind) ?? [],
    ofKindAnywhere: (of) => anywhere.filter(({ kind }) => kind === of),
    madeOf: (id) => made.get(id),
    events: (items.outbox ?? []).flatMap((item) => {
      const { event } = readPendingEvent(item) ?? {};
      return event && own.has(event.tenant) ? [event] : [];
    }),
    state: items.state ?? [],
    parked: (items.parked ?? []).filter((item) => own.has(tenantOfParked(item))),
  };
}

function addressOf(table: TableName, item: Item): Address {
  const { partitionKey, ...row } = tables[table];
  const names = 'sortKey' in row ? [partitionKey, row.sortKey] : [partitionKey];
  return { table, key: Object.fromEntries(names.map((name) => [name, String(item[name])])) };
}

function toEntity(item: Item): Entity {
  const [tenant = '', kind = '', ...rest] = String(item['pk']).split('#').map(decodeURIComponent);
  return { tenant, kind, rest, sk: String(item['sk']), item };
}

/** A letter names it; an event that never came to a queue lies there as it was. */
const tenantOfParked = ({ tenant, item }: Item): string =>
  String(tenant ?? (item as Item | undefined)?.['tenant']);

/** The event in a parked item. */
export const eventIdOfParked = ({ eventId, item }: Item): string =>
  String(eventId ?? (item as Item | undefined)?.['sk']);

export const queueOf = ({ type }: Pick<DomainEvent, 'type'>): QueueName | undefined =>
  Object.hasOwn(eventTypes, type) ? eventTypes[type as EventType].queue : undefined;

export const traceIdOf = ({ traceparent }: Pick<DomainEvent, 'traceparent'>): string =>
  readTraceparent(traceparent)?.traceId ?? '';

/** A request or an event that somebody is still at, or has given up without an end. */
export const isLease = (item: Item | undefined): boolean => item?.['leaseUntilMs'] !== undefined;

/** The record in an item, if it is one: a lease has no answer yet. */
export function recordIn(item: Item | undefined): UnitRecord | undefined {
  return item && !isLease(item) ? parseRecord(item) : undefined;
}

export const retainedAnswer = (record: UnitRecord): Value | undefined =>
  'answer' in record ? (JSON.parse(record.answer) as Value) : undefined;

/** Sums numbers by name. */
export function sums(amounts: Iterable<readonly [string, number]>): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0) + amount);
  return sum;
}
