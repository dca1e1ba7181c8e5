/**
 * A lease's item, and the only code that knows what it looks like. It has no `ttl` and is never
 * deleted: its token must not begin anew.
 */
import type { Address, Item, Write } from '../state/items.ts';

export interface LeaseState {
  /** Grows by one with each taker, and is kept when the lease is released. From 1. */
  readonly token: number;
  /** Null when it was released. */
  readonly owner: string | null;
  /** 0 when it was released. */
  readonly expiresAtMs: number;
}

/** What a holder is known by. */
export interface Holder {
  readonly owner: string;
  readonly token: number;
}

export const leaseAddress = (table: string, key: string): Address => ({
  table,
  key: { pk: `lease#${key}` },
});

/** The lease table does not hold what it must. Nothing is acquired before a person has looked at it. */
export class LeaseFaultError extends Error {
  override name = 'LeaseFaultError';
}

/** @throws LeaseFaultError for an item in another format: it must not look like a key nobody ever had. */
export function readLease(item: Item | undefined): LeaseState | undefined {
  if (!item) return undefined;
  const { token, owner, expiresAtMs } = item;
  if (
    !Number.isSafeInteger(token) ||
    !(typeof owner === 'string' || owner === null) ||
    typeof expiresAtMs !== 'number'
  )
    throw new LeaseFaultError('a lease is not in its format');
  return { token: Number(token), owner, expiresAtMs };
}

/** Takes it as it was found: a holder who has extended it meanwhile keeps it. */
export function takeWrite(at: Address, found: LeaseState | undefined, taken: LeaseState): Write {
  if (!found) return { put: { ...taken }, at, when: { absent: true } };
  const { token, expiresAtMs } = found;
  const asFound = { token: { equals: token }, expiresAtMs: { equals: expiresAtMs } };
  return { put: { ...taken }, at, when: { where: asFound } };
}

const heldBy = ({ owner, token }: Holder) =>
  ({ where: { owner: { equals: owner }, token: { equals: token } } }) as const;

/** Never backwards: a send that arrives late must not undo a later extension. */
export const extendWrite = (at: Address, holder: Holder, expiresAtMs: number): Write => ({
  set: { expiresAtMs },
  at,
  when: { where: { ...heldBy(holder).where, expiresAtMs: { below: expiresAtMs + 1 } } },
});

export const releaseWrite = (at: Address, holder: Holder): Write => ({
  set: { owner: null, expiresAtMs: 0 },
  at,
  when: heldBy(holder),
});

/** Nobody has taken it since, and it was not released. Its end does not count: see lease.ts. */
export const holderCheck = (at: Address, holder: Holder): Write => ({ check: heldBy(holder), at });
