/** The item of one key's window, and the only code that knows it. */
import { type Address, type Item, toTtl, type Write } from '../state/items.ts';
import type { WindowPolicy } from './window.ts';

export const readUsed = (item: Item | undefined): number => {
  const used = item?.['used'] ?? 0;
  if (typeof used !== 'number') throw new TypeError('a window without its count');
  return used;
};

interface Counted {
  readonly at: Address;
  readonly windowAtMs: number;
  readonly cost: number;
  /** Most that the window may have counted after it. */
  readonly most: number;
}

/** Kept for two windows more: the next one looks back at it, and clocks that are behind still count in it. */
export const countWrite = (
  { windowMs }: WindowPolicy,
  { at, windowAtMs, cost, most }: Counted,
): Write => {
  const expiresAtMs = windowAtMs + 3 * windowMs;
  return {
    add: { used: cost },
    set: { expiresAtMs, ttl: toTtl(expiresAtMs) },
    at,
    when: { absentOr: { used: { below: most - cost + 1 } } },
  };
};
