/**
 * The relay: new events, as the table's stream tells of them, into their queues.
 *
 * What it could not hand on it reports as the first failed record, and the stream comes again from
 * there. Nothing depends on that: where the report is ignored, the sweeper finds what is missing.
 */
import type { Item } from '../state/items.ts';
import type { HandedOn, HandOn } from './hand-on.ts';
import { isLedger } from './outbox-items.ts';

/** A record of the stream about an item that is new in the table. */
export interface StreamInsert {
  readonly sequenceNumber: string;
  readonly item: Item;
}

export interface Relayed {
  /** For each event of the batch, in its order. */
  readonly events: readonly HandedOn[];
  /** The first record of which not everything is done. */
  readonly failedAt: string | undefined;
}

/**
 * @example
 * const relay = outboxRelay(handOn({ queues, store, by: 'relay', ...policy }));
 * const { failedAt } = await relay(inserts);
 */
export const outboxRelay =
  (handOn: HandOn) =>
  async (inserts: readonly StreamInsert[]): Promise<Relayed> => {
    const records = inserts.filter(({ item }) => !isLedger(item));
    const events = await handOn(records);
    const failed = events.findIndex(({ how }) => how === 'failed');
    return { events, failedAt: records[failed]?.sequenceNumber };
  };
