/**
 * The limits that the service itself keeps: exact and fair, by user, address, tenant and for all
 * together. They stand behind the gateway's plans (tiers.ts), which are coarse and go by API key.
 * docs/limits.md is made from this table.
 */

/** Asked in this order: the narrowest refuses most. */
export const limitLayers = ['user', 'ip', 'tenant', 'global'] as const;
export type LimitLayer = (typeof limitLayers)[number];

export const limitGroups = ['read', 'write'] as const;
export type LimitGroup = (typeof limitGroups)[number];

export interface LimitRow {
  /** Largest burst, in tokens; a call costs its route's weight. */
  readonly capacity: number;
  /** A token comes back every so many milliseconds: 1000 / refillEveryMs a second. */
  readonly refillEveryMs: number;
  /** `exact`: a write for each call. Leased: an environment takes up to so many tokens in one write,
   *  and hands them out by itself for a second. */
  readonly counted: 'exact' | { readonly mostTokens: number };
  /** Why it is what it is. */
  readonly because: string;
}

type Tiers = Readonly<Record<string, LimitRow>>;

const exact = 'exact';
const leased = (mostTokens: number) => ({ mostTokens });

/** By layer, group and tier. */
// biome-ignore format: a table, one limit a row
export const limits = {
  user: {
    read: {
      user:      { capacity: 100,   refillEveryMs: 20,  counted: exact, because: 'A page that reads a dozen things at once, several times a second.' },
      admin:     { capacity: 200,   refillEveryMs: 10,  counted: exact, because: 'An admin works on all of a tenant’s things, often by script.' },
      service:   { capacity: 400,   refillEveryMs: 5,   counted: exact, because: 'A program that stands for many people.' },
      load:      { capacity: 2_000, refillEveryMs: 1,   counted: leased(50), because: 'A load test is to measure the service, not its limits; as fast as this no single item can be written.' },
    },
    write: {
      user:      { capacity: 50,    refillEveryMs: 40,  counted: exact, because: 'No person writes 25 times a second for long; a sync after an hour offline does at once.' },
      admin:     { capacity: 100,   refillEveryMs: 20,  counted: exact, because: 'Imports of a catalogue are an admin’s.' },
      service:   { capacity: 200,   refillEveryMs: 10,  counted: exact, because: 'A program that stands for many people.' },
      load:      { capacity: 2_000, refillEveryMs: 1,   counted: leased(50), because: 'A load test is to measure the service, not its limits; as fast as this no single item can be written.' },
    },
  },
  ip: {
    read: {
      anonymous: { capacity: 30,    refillEveryMs: 200, counted: exact, because: 'Calls that nobody answers for, refused tokens among them: a clock that is wrong is noticed in 30 tries, a guesser gets 5 a second.' },
      known:     { capacity: 1_000, refillEveryMs: 2,   counted: leased(20), because: 'An office of a hundred people behind one address.' },
      load:      { capacity: 2_000, refillEveryMs: 1,   counted: leased(50), because: 'A load test comes from one machine.' },
    },
    write: {
      anonymous: { capacity: 30,    refillEveryMs: 200, counted: exact, because: 'As for reads: whoever is refused writes nothing.' },
      known:     { capacity: 500,   refillEveryMs: 4,   counted: leased(20), because: 'Ten users at their own limit behind one address.' },
      load:      { capacity: 2_000, refillEveryMs: 1,   counted: leased(50), because: 'A load test comes from one machine.' },
    },
  },
  tenant: {
    read: {
      free:      { capacity: 20,    refillEveryMs: 200, counted: exact, because: 'The gateway’s rate of the plan; two dear reports at once. Too small to be leased in parts.' },
      standard:  { capacity: 400,   refillEveryMs: 10,  counted: leased(10), because: 'Two users at their own limit; twice the gateway’s rate, for tenants with several keys.' },
      partner:   { capacity: 1_000, refillEveryMs: 2,   counted: leased(20), because: 'The gateway’s rate of the plan.' },
      load:      { capacity: 2_000, refillEveryMs: 1,   counted: leased(50), because: 'A load test is to measure the service, not its limits.' },
    },
    write: {
      free:      { capacity: 5,     refillEveryMs: 500, counted: exact, because: 'To try the service out. Too small to be leased in parts.' },
      standard:  { capacity: 200,   refillEveryMs: 20,  counted: leased(10), because: 'Two users at their own limit: one alone cannot take all of it.' },
      partner:   { capacity: 500,   refillEveryMs: 4,   counted: leased(20), because: 'Half of the gateway’s rate of the plan: the other half reads.' },
      load:      { capacity: 2_000, refillEveryMs: 1,   counted: leased(50), because: 'A load test is to measure the service, not its limits.' },
    },
  },
  global: {
    read: {
      all:       { capacity: 2_000, refillEveryMs: 1,   counted: leased(50), because: 'The gateway’s rate for the whole stage, and here for certain.' },
    },
    write: {
      all:       { capacity: 1_000, refillEveryMs: 2,   counted: leased(50), because: 'Writes cost several units each: half of the rate of reads.' },
    },
  },
} as const satisfies Record<LimitLayer, Record<LimitGroup, Tiers>>;

/** The tier of a tenant that has no plan here: tenants come with their tokens. */
export const planOfStrangers = 'standard';

/** Of each limit, what one environment allows by itself while the store is down. */
export const insuredRatio = 0.1;

/**
 * What callers are told that a limit is called: one name for each that one caller can meet. A caller
 * whose token was refused is a stranger for that call, so the limit of strangers has a name of its own.
 */
export const policyOf = (layer: LimitLayer, group: LimitGroup, tier: string): string =>
  tier === 'anonymous' ? `${layer}-${tier}-${group}` : `${layer}-${group}`;

/** @throws RangeError for a tier that the layer does not have. */
export function limitRow(layer: LimitLayer, group: LimitGroup, tier: string): LimitRow {
  const tiers: Tiers | undefined = limits[layer]?.[group];
  if (!tiers) throw new RangeError(`no limits of '${layer}' for the group '${group}'`);
  const row = Object.hasOwn(tiers, tier) ? tiers[tier] : undefined;
  if (!row) throw new RangeError(`the limits ${layer}-${group} have no tier '${tier}'`);
  return row;
}
