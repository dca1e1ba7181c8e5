/**
 * Several limits that one call has to pass: its user's, its address's, its tenant's, everybody's. The
 * call takes from all of them or is refused, and one decision says what became of it.
 */
import { assertWhole } from '../options/assert-numbers.ts';
import type { LayeredLimiter, Quota, Refused, Standing, Taken } from './rate-limiter.ts';

export interface Ask {
  /** The limit, as callers are told it. */
  readonly name: string;
  readonly limiter: LayeredLimiter;
  readonly key: string;
  /** Whole tokens from 1. */
  readonly cost: number;
}

export interface LayerState {
  readonly name: string;
  readonly quota: Quota;
  /** Absent: it was not asked, because another had refused. */
  readonly standing?: Standing;
  readonly violated: boolean;
}

export interface Decision {
  readonly allowed: boolean;
  /** In the order in which they were asked. */
  readonly layers: readonly LayerState[];
  /** Names of those that refused. */
  readonly violated: readonly string[];
  /** The longest of theirs; 0 where none refused. Infinity: this call can never pass. */
  readonly retryAfterMs: number;
  /** Refused from memory: nobody was asked. */
  readonly foreseen: boolean;
}

/** What a layer took of a call that a later one refused. */
export interface Unused extends Ask {
  readonly takenAtMs: number;
}

/** The refusal by every limit that memory knows to be too empty. No call is made. */
export function foresee(asks: readonly Ask[]): Decision | undefined {
  const known = asks.map(({ limiter, key, cost }) => limiter.foresee(key, { cost }));
  return known.some((refused) => refused !== undefined)
    ? { ...decide(asks, known), foreseen: true }
    : undefined;
}

/**
 * Asks one after the other, and nobody after the first refusal: put those first that refuse most,
 * which are the narrowest. `unused` is then to be given back.
 *
 * @throws what a store throws; what was taken until then comes back by itself
 */
export async function takeInTurn(
  asks: readonly Ask[],
): Promise<{ readonly decision: Decision; readonly unused: readonly Unused[] }> {
  const takes: (Taken | Refused)[] = [];
  const unused: Unused[] = [];
  for (const ask of asks) {
    const take = await ask.limiter.take(ask.key, { cost: ask.cost });
    takes.push(take);
    if (!take.allowed) return { decision: decide(asks, takes), unused };
    unused.push({ ...ask, takenAtMs: take.takenAtMs });
  }
  return { decision: decide(asks, takes), unused: [] };
}

/** All at once. `failed` hears of each that its store did not let happen: it comes back by itself. */
export async function giveBack(
  unused: readonly Unused[],
  failed: (layer: string, error: unknown) => void,
): Promise<void> {
  await Promise.all(
    unused.map(async ({ name, limiter, key, cost, takenAtMs }) => {
      try {
        await limiter.giveBack(key, { cost, takenAtMs });
      } catch (error) {
        failed(name, error);
      }
    }),
  );
}

/**
 * For when something is built: a cost that a limit can never allow would be refused for good.
 *
 * @throws RangeError that names the call, its cost and the limit
 */
export function assertCosts(
  costs: Readonly<Record<string, number>>,
  capacities: Readonly<Record<string, number>>,
): void {
  assertWhole(costs, 1);
  for (const [call, cost] of Object.entries(costs))
    for (const [limit, capacity] of Object.entries(capacities))
      if (cost > capacity)
        throw new RangeError(`${call} costs ${cost}, and ${limit} holds ${capacity} at most`);
}

function decide(asks: readonly Ask[], takes: readonly (Taken | Refused | undefined)[]): Decision {
  const layers = asks.map(({ name, limiter }, nth): LayerState => {
    const take = takes[nth];
    return {
      name,
      quota: limiter.quota,
      ...(take && { standing: standingOf(take) }),
      violated: take?.allowed === false,
    };
  });
  const refusals = takes.filter((take) => take?.allowed === false);
  return {
    allowed: refusals.length === 0,
    layers,
    violated: layers.filter(({ violated }) => violated).map(({ name }) => name),
    retryAfterMs: Math.max(0, ...refusals.map(({ retryAfterMs }) => retryAfterMs)),
    foreseen: false,
  };
}

const standingOf = ({ remaining, nextTokenMs, fullInMs }: Standing): Standing => ({
  remaining,
  nextTokenMs,
  fullInMs,
});
