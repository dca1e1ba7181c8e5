/** What stands in the table of parked things: what no queue took, with the reason, for an operator. */
import { type Item, toTtl, type Write } from '../state/items.ts';

export interface Parked {
  readonly id: string;
  readonly cause: string;
  /** The outbox item as it was, readable or not. */
  readonly item: Item;
  readonly parkedAtMs: number;
  readonly expiresAtMs: number;
}

/** What else stands with a parked item, for those who look through them. */
export type ParkedAs = (parked: Parked) => Item;

/** Above this the item itself stays behind in the outbox: DynamoDB takes 400 KB with the names. */
const maxItemBytes = 350_000;

/** Parks once: what is parked already stays as it is until it lapses. */
export function parkWrite(
  table: string,
  { id, item, ...parked }: Parked,
  listed: ParkedAs = () => ({}),
): Write {
  const fits = Buffer.byteLength(JSON.stringify(item)) <= maxItemBytes;
  return {
    put: {
      ...listed({ id, item, ...parked }),
      ...parked,
      ...(fits && { item }),
      ttl: toTtl(parked.expiresAtMs),
    },
    at: { table, key: { pk: 'outbox', sk: id } },
    when: { lapsedAtMs: parked.parkedAtMs },
  };
}
