/**
 * A bound divided into fixed shares, so that no tenant can take the places of another. Each share has
 * a counter of its own; as their sum is no more than the bound, nobody has to count them all.
 *
 * That holds for shares that stay as they are. A place that is taken stays with the counter it was
 * taken from, so whoever holds one remembers whose share that was, and gives it back there. To
 * redistribute takes two deployments: lower first; when every counter is down to its new share, raise.
 * Both at once let the raised share in while the lowered one is still full.
 */
import { assertWhole } from '../options/assert-numbers.ts';

export interface SharesOptions {
  /** What all shares together may come to. From 1. */
  readonly bound: number;
  /** By tenant. Each from 1. */
  readonly byTenant: Readonly<Record<string, number>>;
  /** What all other tenants have together. From 1. */
  readonly others: number;
}

export interface Share {
  /** Whose it is; undefined for the one that all others have together. */
  readonly tenant: string | undefined;
  readonly capacity: number;
}

export interface Shares {
  /** Each once, the one of the others last. */
  readonly all: readonly Share[];
  of(tenant: string): Share;
}

/** @throws RangeError for shares that are none, or that come to more than the bound. */
export function shares({ bound, byTenant, others }: SharesOptions): Shares {
  assertWhole({ bound, others, ...byTenant }, 1);
  const rest: Share = { tenant: undefined, capacity: others };
  const own = new Map(
    Object.entries(byTenant).map(([tenant, capacity]) => [tenant, { tenant, capacity }]),
  );
  const all = [...own.values(), rest];
  const sum = all.reduce((total, { capacity }) => total + capacity, 0);
  if (sum > bound)
    throw new RangeError(`the shares come to ${sum}, which is more than the bound ${bound}`);
  return { all, of: (tenant) => own.get(tenant) ?? rest };
}
