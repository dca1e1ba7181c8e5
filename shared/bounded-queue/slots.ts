/**
 * The places of a bounded queue. Each belongs to one entity for as long as that is in one state,
 * such as a job that is accepted and not yet done. How many are taken stands in one counter item.
 *
 * A place is taken and given back in the very transaction that brings the entity into that state or
 * out of it, and that is conditioned on the state that the entity was in. Then the counter *is* the
 * number of such entities: whatever crashes, comes twice or is lost in between, both have changed, or
 * neither.
 */
import { assertWhole } from '../options/assert-numbers.ts';
import type { Address, Item, Write } from '../state/items.ts';

export interface SlotsOptions {
  /** Where the counter stands: an item of its own, which nothing else writes. */
  readonly at: Address;
  /** How many there are. From 1. Lowered below what is taken, it lets nobody in until that is below. */
  readonly capacity: number;
}

export interface Slots {
  readonly capacity: number;
  /** Goes into the transaction that brings an entity into the state. Fails while none is free. */
  readonly take: Write;
  /**
   * Goes into the transaction that takes an entity out of the state, conditioned on its being in it.
   * Fails where none is taken: then somebody gave one back twice, and the entity must stay.
   */
  readonly giveBack: Write;
  readonly at: Address;
  /** What stands at `at`. @throws TypeError for an item that is no counter. */
  standing(item: Item | undefined): Standing;
}

/** The `giveBack` of the counter there, for whoever need not know how many places it has by now. */
export const giveBackAt = (at: Address): Write => ({
  add: { taken: -1 },
  at,
  when: { where: { taken: { atLeast: 1 } } },
});

export interface Standing {
  readonly taken: number;
  /** Never below 0. */
  readonly free: number;
}

/**
 * @throws RangeError for a capacity that is none
 * @example
 * const places = slots({ at: { table: 'jobs', key: { pk: 'places' } }, capacity: 100 });
 * await store.commit({ token, writes: [{ put: job, at: jobAt, when: { absent: true } }, places.take] });
 */
export function slots({ at, capacity }: SlotsOptions): Slots {
  assertWhole({ capacity }, 1);
  return {
    at,
    capacity,
    take: { add: { taken: 1 }, at, when: { absentOr: { taken: { below: capacity } } } },
    giveBack: giveBackAt(at),
    standing(item) {
      const taken = item ? item['taken'] : 0;
      if (typeof taken !== 'number' || !Number.isSafeInteger(taken) || taken < 0)
        throw new TypeError('what stands there is no counter of slots');
      return { taken, free: Math.max(0, capacity - taken) };
    },
  };
}
