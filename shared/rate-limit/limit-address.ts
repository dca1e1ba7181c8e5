/** Where the items of limits lie: each key's in a partition of its own, so that none slows another. */
import { createHash } from 'node:crypto';
import type { Address } from '../state/items.ts';

/** Of the item's form. Two forms under one name do not meet. */
type ItemKind = 'bucket' | 'fixed-window' | 'sliding-window';

export interface LimitPlace {
  /** The role of the table. */
  readonly table: string;
  readonly name: string;
}

/** DynamoDB's partition keys have 2,048 bytes; four times this many in UTF-8 still leave room. */
const longestPlainKey = 400;

/** @throws RangeError for a name that a key could reach into. */
export function assertLimitName(name: string): void {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(name))
    throw new RangeError(`name must be 1 to 64 letters, digits and -, got '${name}'`);
}

/**
 * No two differ in kind, name, window or key and are one: the key stands last, and none of the parts
 * before it can hold the separator. A key may hold any characters; one that is too long, or is no
 * well-formed text, is put in by its digest.
 */
export function limitAddress(
  kind: ItemKind,
  { table, name }: LimitPlace,
  { key, windowAtMs }: { readonly key: string; readonly windowAtMs?: number },
): Address {
  const isPlain = key.length <= longestPlainKey && key.isWellFormed();
  const prefix = isPlain ? 'limit' : 'limit-digest';
  const window = windowAtMs === undefined ? '' : `${windowAtMs}#`;
  return {
    table,
    key: { pk: `${prefix}#${kind}#${name}#${window}${isPlain ? key : digestOf(key)}` },
  };
}

/** Of its UTF-16: in UTF-8 all halves of characters are one. */
const digestOf = (key: string): string =>
  createHash('sha256').update(key, 'utf16le').digest('base64url');
