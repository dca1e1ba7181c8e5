/**
 * The ports through which patterns touch state. A failing store throws; it
 * never looks like an empty one, and never like one that said no.
 */
import type { Address, Item, Write } from './items.ts';

export interface ReadOptions {
  /** Sees every write acknowledged before the call. Costs twice as much; default true, because a
   *  stale answer is something a caller must choose. */
  readonly consistent?: boolean;
}

export interface ItemReader {
  /** The item, or undefined where there is none. Lapsed items are returned: compare `expiresAtMs`. */
  read(at: Address, options?: ReadOptions): Promise<Item | undefined>;
}

/**
 * Applied: `item` is what stands there now, where it was asked for. Not applied: what stood there
 * when the condition failed (undefined: nothing).
 */
export type Written =
  | { readonly applied: true; readonly item?: Item }
  | { readonly applied: false; readonly item?: Item };

export interface WriteOptions {
  /** Answers with the item as it stands after a put or an update, at no further cost. Default false. */
  readonly returnItem?: boolean;
}

export interface ItemWriter {
  /** One write with its condition, atomically. A failed condition is an answer, not an error. */
  write(write: Write, options?: WriteOptions): Promise<Written>;
}

/** Why one write of a refused transaction did not happen; in the order of the writes. */
export type Refusal =
  /** This write would have gone through; another one spoke. */
  | { readonly because: 'none' }
  /** Its condition did not hold; `item` is what stood there (undefined: nothing). */
  | { readonly because: 'condition'; readonly item?: Item }
  /** Another transaction or write was under way on the same item. Nothing is wrong: try again. */
  | { readonly because: 'conflict' }
  /** The store has no capacity for it now. */
  | { readonly because: 'throttled' };

export type Committed =
  | { readonly applied: true }
  | { readonly applied: false; readonly refusals: readonly Refusal[] };

export interface Transaction {
  /**
   * Names this very transaction for the store: sent again with the same writes within ten minutes,
   * it is applied at most once and answered alike. Other writes under a used token are an error.
   * 1–36 characters.
   */
  readonly token: string;
  /** 1 to 100 writes of different items. */
  readonly writes: readonly Write[];
}

/** Reads, and writes of several items at once: all of them or none. */
export interface TransactionStore extends ItemReader {
  /**
   * Refusals are answers. It throws `TransactionInvalidError` when nothing was or will be written
   * (the request itself is wrong), and anything else when the outcome is unknown: the writes may
   * have happened, or may still happen.
   */
  commit(transaction: Transaction): Promise<Committed>;
}

/** The request can never succeed as it is; nothing was written. */
export class TransactionInvalidError extends Error {
  override name = 'TransactionInvalidError';
}

export interface Range {
  readonly table: string;
  /** Absent: the table itself. */
  readonly index?: string;
  readonly partition: { readonly name: string; readonly value: string };
  /** The sort key, and what it must begin with (absent: any). */
  readonly sort: { readonly name: string; readonly prefix?: string };
  /** Largest page, in items; at least 1. */
  readonly limit: number;
  /** `next` of the page before; or any keys of the range, whether or not an item has them. */
  readonly after?: Item;
  /** Default false: ascending by sort key. */
  readonly descending?: boolean;
  /** Not possible on an index. Default false. */
  readonly consistent?: boolean;
}

export interface Page {
  readonly items: readonly Item[];
  /** Present when there may be more. */
  readonly next?: Item;
}

export interface RangeReader {
  page(range: Range): Promise<Page>;
}
