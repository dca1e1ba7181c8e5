/**
 * What stands in the outbox table: events, and ledgers that say which of them were handed on.
 *
 * A partition is a time bucket and a shard, both read off an event's id; a ledger stands in the
 * bucket of the events it names. So whoever reads a bucket's shards has its events and their ledgers.
 */
import { uuidTimeMs } from '../ids/uuid.ts';
import { type Address, type Item, toTtl, type Write } from '../state/items.ts';
import { assertEvent, type DomainEvent, readEvent } from './event.ts';

export const bucketMs = 600_000;
const shards = 8;

/** The number of the ten minutes around an instant. */
export const bucketAt = (timeMs: number): number => Math.floor(timeMs / bucketMs);

/** The bucket of an event. @throws RangeError for an id that is not a version 7 UUID. */
export const bucketOf = (id: string): number => bucketAt(uuidTimeMs(id));

const partition = (bucket: number, id: string): string =>
  `${bucket}#${Number.parseInt(id.slice(-4), 16) % shards}`;

/** All partitions of a bucket. */
export const partitionsOf = (bucket: number): readonly string[] =>
  Array.from({ length: shards }, (_, shard) => `${bucket}#${shard}`);

export const eventAddress = (table: string, id: string): Address => ({
  table,
  key: { pk: partition(bucketOf(id), id), sk: id },
});

/** An event as it waits to be handed on, with what sweepers did about it. */
export interface PendingEvent {
  readonly event: DomainEvent;
  readonly expiresAtMs: number;
  /** Until then a sweeper has it in hand. */
  readonly claimedUntilMs: number;
  /** Times that a sweeper has claimed it. */
  readonly tries: number;
}

/**
 * The write that publishes an event: it belongs into the transaction that also writes the aggregate.
 * @throws RangeError when it is no event, or too large.
 */
export function eventWrite(
  event: DomainEvent,
  { table, retainMs }: { readonly table: string; readonly retainMs: number },
): Write {
  assertEvent(event);
  const { id, ...fields } = event;
  const expiresAtMs = event.occurredAtMs + retainMs;
  return {
    put: {
      kind: 'event',
      ...fields,
      claimedUntilMs: 0,
      tries: 0,
      expiresAtMs,
      ttl: toTtl(expiresAtMs),
    },
    at: eventAddress(table, id),
    when: { absent: true },
  };
}

/** Undefined for an item that is no event in this format. */
export function readPendingEvent(item: Item): PendingEvent | undefined {
  const { kind, sk, expiresAtMs, claimedUntilMs, tries } = item;
  const event = readEvent({ ...item, id: sk });
  return kind === 'event' &&
    event &&
    typeof expiresAtMs === 'number' &&
    typeof claimedUntilMs === 'number' &&
    typeof tries === 'number'
    ? { event, expiresAtMs, claimedUntilMs, tries }
    : undefined;
}

/** Takes an event in hand, unless another sweeper has it, or it is gone. */
export const claimWrite = (
  table: string,
  id: string,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): Write => ({
  set: { claimedUntilMs: untilMs },
  add: { tries: 1 },
  at: eventAddress(table, id),
  when: { where: { claimedUntilMs: { below: nowMs } } },
});

/** That these events need nothing more: each is in its queue, or parked. */
export interface Ledger {
  /** A UUIDv7 of its own. */
  readonly id: string;
  readonly bucket: number;
  readonly sent: readonly string[];
  readonly parked: readonly string[];
  readonly by: 'relay' | 'sweeper';
  /** Not before that of any event it names, or those would look forgotten. */
  readonly expiresAtMs: number;
}

export const ledgerWrite = (table: string, { id, bucket, ...ledger }: Ledger): Write => ({
  put: { kind: 'ledger', ...ledger, ttl: toTtl(ledger.expiresAtMs) },
  at: { table, key: { pk: partition(bucket, id), sk: `ledger#${id}` } },
});

export const isLedger = (item: Item): boolean => item['kind'] === 'ledger';

/** The events that a ledger names; none for what cannot be read, so that they are handed on again. */
export function eventsOfLedger(item: Item): readonly string[] {
  const { sent, parked } = item;
  return isLedger(item) && isListOfText(sent) && isListOfText(parked) ? [...sent, ...parked] : [];
}

const isListOfText = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');

/** What an item is called, readable or not: its sort key, which for an event is its id. */
export const nameOf = (item: Item): string => String(item['sk']);

/** The event type that an item names, readable or not. */
export const typeNamedBy = (item: Item): string => String(item['type']);

/** The bucket that an item stands in; undefined when its key is not of this table's making. */
export function bucketOfItem(item: Item): number | undefined {
  const [, bucket] = /^(\d+)#\d+$/.exec(String(item['pk'])) ?? [];
  return bucket === undefined ? undefined : Number(bucket);
}
