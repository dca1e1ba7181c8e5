/**
 * What a use case read is what its commit is conditioned on, so that two of them cannot both decide
 * on the same state (no lost update, no write skew).
 */
import {
  type Address,
  addressText,
  type Condition,
  type Item,
  type Write,
} from '../state/items.ts';
import { madeBy } from './carrier.ts';

/** Reads of one attempt. */
export interface UnitReader {
  /**
   * Strongly consistent, and the commit fails unless the item is still as read: its `version`, or
   * its absence. Read twice, an item is the same twice.
   * @throws TypeError for an item without a numeric `version`.
   */
  read(at: Address): Promise<Item | undefined>;
  /** Strongly consistent and not conditioned: for numbers whose write carries its own condition. */
  look(at: Address): Promise<Item | undefined>;
}

export interface TrackedReads extends UnitReader {
  /** The writes, conditioned on all that was read: by their own condition where they write an item
   *  that was read, by a check where they do not. */
  guard(writes: readonly Write[]): readonly Write[];
}

export function trackedReads(load: (at: Address) => Promise<Item | undefined>): TrackedReads {
  // By promise, so that two reads at once are one: each of two answers could be the one decided on.
  const asked = new Map<string, Promise<Item | undefined>>();
  const reads = new Map<string, { readonly at: Address; readonly item: Item | undefined }>();

  async function first(at: Address, text: string): Promise<Item | undefined> {
    const item = await load(at);
    if (item && typeof item['version'] !== 'number')
      throw new TypeError(`${text} has no version to condition on: look at it instead`);
    reads.set(text, { at, item });
    return item;
  }

  return {
    read(at) {
      const text = addressText(at);
      const known = asked.get(text);
      if (known) return known;
      const reading = first(at, text);
      asked.set(text, reading);
      reading.catch(() => asked.delete(text));
      return reading;
    },
    look: load,
    guard(writes) {
      const guarded = writes.map((write) => {
        const seen = reads.get(addressText(write.at));
        if (!seen) return write;
        assertKeepsRecord(write, seen.item);
        return conditioned(write, asRead(seen.item));
      });
      const written = new Set(writes.map(({ at }) => addressText(at)));
      const checks = [...reads]
        .filter(([text]) => !written.has(text))
        .map(([, { at, item }]): Write => ({ check: asRead(item), at }));
      return [...guarded, ...checks];
    },
  };
}

/**
 * An entity that carries the record of its making keeps it: without it, a late duplicate of the
 * request would find no first answer.
 */
function assertKeepsRecord(write: Write, item: Item | undefined): void {
  if (item?.[madeBy] === undefined) return;
  if ('remove' in write || ('put' in write && write.put[madeBy] === undefined))
    throw new TypeError(`this write drops '${madeBy}' of ${addressText(write.at)}: use set`);
}

const asRead = (item: Item | undefined): Condition =>
  item ? { where: { version: { equals: Number(item['version']) } } } : { absent: true };

function conditioned(write: Write, read: Condition): Write {
  if ('check' in write) return { ...write, check: both(write.check, read, write.at) };
  return { ...write, when: write.when ? both(write.when, read, write.at) : read };
}

function both(own: Condition, read: Condition, at: Address): Condition {
  if ('where' in own && 'where' in read) return { where: { ...own.where, ...read.where } };
  if ('absent' in own && 'absent' in read) return own;
  throw new TypeError(`the condition on ${addressText(at)} contradicts what was read there`);
}
