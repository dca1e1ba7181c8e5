/**
 * Where a record stands. In deferred mode it is an item of its own that lapses; in compact mode the
 * entity that the request creates carries it, under the attribute `made`, for as long as it exists.
 */
import { type Address, addressText, type Item, toTtl, type Write } from '../state/items.ts';
import { RecordFaultError } from './errors.ts';
import { parseRecord, type UnitRecord } from './record.ts';

export interface Carrier {
  readonly at: Address;
  /** The writes of the transaction: the one that carries the record comes first. */
  carry(record: UnitRecord, writes: readonly Write[], nowMs: number): readonly Write[];
  /**
   * The record in what stands at the address; undefined where there is none yet, or none any more.
   * @throws RecordFaultError for an item that is no record and carries none.
   */
  find(item: Item | undefined, nowMs: number): UnitRecord | undefined;
}

export const recordAddress = (table: string, key: string): Address => ({
  table,
  key: { pk: `idem#${key}` },
});

/** Written where no record is, or a lapsed one: the store may keep it for days. */
export const ownItem = (at: Address, retainMs: number): Carrier => ({
  at,
  carry(record, writes, nowMs) {
    const put = { ...record, ...lapsing(nowMs + retainMs) };
    return [{ put, at, when: { lapsedAtMs: nowMs } }, ...writes];
  },
  find(item, nowMs) {
    if (!item) return undefined;
    const { expiresAtMs } = item;
    if (typeof expiresAtMs !== 'number') throw new RecordFaultError('a record does not lapse');
    return expiresAtMs > nowMs ? parseRecord(item) : undefined;
  },
});

export const lapsing = (expiresAtMs: number) => ({ expiresAtMs, ttl: toTtl(expiresAtMs) });

/** The attribute of an entity that carries the record of the request that made it. */
export const madeBy = 'made';

export const onEntity = (at: Address): Carrier => {
  const text = addressText(at);
  const isIt = (write: Write) => addressText(write.at) === text;
  return {
    at,
    carry(record, writes) {
      const create = writes.find(isIt);
      if (!create || !('put' in create) || !create.when || !('absent' in create.when))
        throw new TypeError(
          'a compact unit puts its entity where none is, at the address it named',
        );
      return [
        { ...create, put: { ...create.put, [madeBy]: record } },
        ...writes.filter((write) => write !== create),
      ];
    },
    find(item) {
      if (!item) return undefined;
      const made = item[madeBy];
      if (made === null || typeof made !== 'object' || Array.isArray(made))
        throw new RecordFaultError('another made what stands at the address of the entity');
      return parseRecord(made as Item);
    },
  };
};
