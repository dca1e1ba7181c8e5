/** POST /rewards/daily: once a UTC day. */
import type { Call } from '#shared/http/call.ts';
import { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { rewardAddress } from '../domain/keys.ts';
import {
  type ClaimView,
  dayBefore,
  dayOf,
  decideClaim,
  endOf,
  readClaim,
  rewardAggregate,
} from '../domain/reward.ts';
import { publish } from '../publish.ts';

type Claiming = Pick<Call, 'caller' | 'trace' | 'requestId'>;

/**
 * Decides claims, each request on one instant: a run after midnight, of a request that began before
 * it, must not claim another day than its first run did, whose commit may still arrive.
 */
export function claims(now: () => number = Date.now) {
  const instants = new WeakMap<Claiming, number>();

  function instantOf(call: Claiming): number {
    const known = instants.get(call);
    if (known !== undefined) return known;
    const nowMs = now();
    instants.set(call, nowMs);
    return nowMs;
  }

  return async (
    call: Claiming,
    { read }: UnitReader,
    { id }: { readonly id: string },
  ): Promise<Decision<ClaimView, Problem>> => {
    const { caller, trace, requestId: correlationId } = call;
    const { tenant, user: userId } = caller;
    const nowMs = instantOf(call);
    const day = dayOf(nowMs);
    const at = rewardAddress(tenant, userId, day);
    // Both are read, so a claim of yesterday that arrives in between is not left out of the streak.
    const [today, yesterday] = await Promise.all([
      read(at).then(readClaim),
      read(rewardAddress(tenant, userId, dayBefore(day))).then(readClaim),
    ]);
    const decision = decideClaim({ today, yesterday }, { id, userId, day });
    if ('refused' in decision) return { refused: toProblem(decision.refused, day, nowMs) };

    const { version, userId: _, ...view } = decision.claim;
    const claimed = {
      type: 'reward.claimed',
      tenant,
      aggregate: rewardAggregate(userId, day),
      seq: version,
      data: { claimId: id, userId },
    } as const;
    return {
      answer: view,
      writes: [
        { put: decision.claim, at, when: { absent: true } },
        publish(claimed, { trace, correlationId }),
      ],
    };
  };
}

const toProblem = (slug: 'reward-already-claimed', day: string, nowMs: number): Problem =>
  new Problem(slug, {
    retryAfterMs: endOf(day) - nowMs,
    extensions: { day, nextAt: new Date(endOf(day)).toISOString() },
  });
