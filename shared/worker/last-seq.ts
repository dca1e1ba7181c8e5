/**
 * Events on a standard queue come in any order. A consumer that keeps what an event says writes it
 * only where nothing newer is kept: an older event then finds its place taken, whenever it comes, and
 * any order of the same events ends alike.
 */
import type { Address, Item, Write } from '../state/items.ts';

export interface NewestOptions {
  readonly at: Address;
  /** What is kept there; undefined: nothing. */
  readonly kept: Item | undefined;
  /** The event's place among those of its aggregate. */
  readonly seq: number;
  /** What to keep of the event; `lastSeq` is added. */
  readonly put: Item;
}

/**
 * The write that keeps an event, conditioned on being still the newest, so that what is kept needs a
 * look only; undefined for an event that is not newer. That needs no condition: what has been passed
 * stays passed.
 *
 * @throws TypeError where something else is kept.
 */
export function keepNewest({ at, kept, seq, put }: NewestOptions): Write | undefined {
  const lastSeq = kept?.['lastSeq'];
  if (kept && typeof lastSeq !== 'number') throw new TypeError('what is kept has no lastSeq');
  if (typeof lastSeq === 'number' && lastSeq >= seq) return undefined;
  return {
    put: { ...put, lastSeq: seq },
    at,
    when: kept ? { where: { lastSeq: { below: seq } } } : { absent: true },
  };
}
