/**
 * The steps by which outbox items leave: into their queue, or into the table of parked things, and
 * only then into a ledger. Relay and sweeper both take them, so an item that either has in hand when
 * it dies is at worst handed on twice; consumers know an event by its id.
 */

import { uuidV7 } from '../ids/uuid.ts';
import { assertWhole } from '../options/assert-numbers.ts';
import type { Item, Write } from '../state/items.ts';
import type { ItemWriter } from '../state/store.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import { type DeliverOptions, type Delivery, deliver } from './deliver.ts';
import type { DomainEvent } from './event.ts';
import { bucketOfItem, ledgerWrite, nameOf, readPendingEvent } from './outbox-items.ts';
import { type ParkedAs, parkWrite } from './parked-items.ts';

/** What became of one item. A failure means: still to be handed on, or it was and is in no ledger. */
export type HandedOn =
  | (Extract<Delivery, { how: 'sent' }> & { readonly event: DomainEvent })
  | (Exclude<Delivery, { how: 'sent' }> & { readonly event: DomainEvent | undefined });

export interface ToHandOn {
  readonly item: Item;
  /** Why it shall be parked, whatever its queue would say. */
  readonly giveUp?: string;
}

/** What became of each, in the order given. Failing queues and stores are answers here, not errors. */
export type HandOn = (entries: readonly ToHandOn[]) => Promise<readonly HandedOn[]>;

export interface HandOnOptions extends DeliverOptions {
  readonly store: ItemWriter;
  /** The roles of the tables. */
  readonly outboxTable: string;
  readonly parkedTable: string;
  readonly by: 'relay' | 'sweeper';
  /** How long ledgers and parked items are kept, in whole milliseconds. Ledgers: as long as events. */
  readonly ledgerMs: number;
  readonly parkedMs: number;
  readonly parkedAs?: ParkedAs;
  readonly listen?: Listener;
  readonly now?: () => number;
  readonly newId?: () => string;
}

export function handOn({
  store,
  outboxTable,
  parkedTable,
  by,
  ledgerMs,
  parkedMs,
  parkedAs,
  listen = silent,
  now = Date.now,
  newId = uuidV7,
  ...delivering
}: HandOnOptions): HandOn {
  assertWhole({ ledgerMs, parkedMs }, 1);

  const tell = (
    happened: string,
    severity: 'warning' | 'error',
    facts: Readonly<Record<string, string | number>>,
  ) => listen({ pattern: 'outbox', happened, subject: by, severity, facts });

  /** Undefined when it is written; otherwise the name of the error, which has been told. */
  async function failureOf(
    write: Write,
    happened: string,
    facts: Readonly<Record<string, string | number>>,
  ): Promise<string | undefined> {
    try {
      await store.write(write);
      return undefined;
    } catch (error) {
      const cause = error instanceof Error ? error.name : 'unknown';
      tell(happened, 'error', { ...facts, error: cause });
      return cause;
    }
  }

  async function park(item: Item, cause: string): Promise<Extract<Delivery, { cause: string }>> {
    const id = nameOf(item);
    const parkedAtMs = now();
    const parked = { id, cause, item, parkedAtMs, expiresAtMs: parkedAtMs + parkedMs };
    const write = parkWrite(parkedTable, parked, parkedAs);
    const failure = await failureOf(write, 'park-failed', { id, cause });
    if (failure) return { how: 'failed', cause: failure };
    tell('parked', 'error', { id, cause });
    return { how: 'parked', cause };
  }

  async function settle({ item, event }: ReadEntry, deliveries: Deliveries): Promise<HandedOn> {
    if (!event) return { event, ...(await park(item, 'unreadable')) };
    const delivery = deliveries.get(event.id) ?? { how: 'failed', cause: 'unanswered' };
    if (delivery.how === 'failed')
      tell('send-failed', 'warning', { id: event.id, cause: delivery.cause });
    return { event, ...delivery };
  }

  /** Why the ledger of these items was not written; undefined when it was. */
  async function ledgerFailure(bucket: number, done: readonly Done[]): Promise<string | undefined> {
    const named = (how: HandedOn['how']) =>
      done.filter(({ handed }) => handed.how === how).map(({ item }) => nameOf(item));
    const ledger = {
      id: newId(),
      bucket,
      sent: named('sent'),
      parked: named('parked'),
      by,
      expiresAtMs: Math.max(now() + ledgerMs, ...done.map(({ expiresAtMs }) => expiresAtMs)),
    };
    return failureOf(ledgerWrite(outboxTable, ledger), 'ledger-failed', { bucket });
  }

  return async (entries) => {
    const read = entries.map(({ item, giveUp }): ReadEntry => {
      const pending = readPendingEvent(item);
      return { item, giveUp, event: pending?.event, expiresAtMs: pending?.expiresAtMs ?? 0 };
    });
    const itemOf = new Map(read.map(({ item }) => [nameOf(item), item]));
    const deliveries = await deliver(
      read.flatMap(({ event, giveUp }) => (event ? [{ event, giveUp }] : [])),
      ({ id }, cause) => park(itemOf.get(id) ?? {}, cause),
      { ...delivering, now },
    );
    const handed = await Promise.all(
      read.map(async (entry) => ({ ...entry, handed: await settle(entry, deliveries) })),
    );
    const done = handed.filter(({ handed }) => handed.how !== 'failed');
    const failures = new Map<number, string>();
    // One ledger for each bucket: normally one.
    for (const [bucket, items] of Map.groupBy(done, ({ item }) => bucketOfItem(item))) {
      const failure = bucket === undefined ? undefined : await ledgerFailure(bucket, items);
      if (bucket !== undefined && failure) failures.set(bucket, failure);
    }
    return handed.map(({ item, event, handed }): HandedOn => {
      const cause = failures.get(bucketOfItem(item) ?? Number.NaN);
      return cause ? { how: 'failed', event, cause } : handed;
    });
  };
}

type Deliveries = Awaited<ReturnType<typeof deliver>>;

interface ReadEntry {
  readonly item: Item;
  readonly giveUp: string | undefined;
  readonly event: DomainEvent | undefined;
  readonly expiresAtMs: number;
}

type Done = ReadEntry & { readonly handed: HandedOn };
