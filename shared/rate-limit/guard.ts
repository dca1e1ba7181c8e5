/**
 * What becomes of a call when its limits' store fails, or does not answer in time. A refusal is a
 * value and a failure is thrown, so neither can be taken for the other: a refusal stands, however
 * late its refunds are, and a store that is down refuses nobody by itself. A key that is throttled, or
 * broken, is no outage: it is that call's matter alone.
 */
import { systemTimer, type Timer, within } from '../deadline/within.ts';
import { assertFromZero } from '../options/assert-numbers.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import { LimitsUnavailableError, StoreTimeoutError, TooLittleTimeError } from './errors.ts';
import { type Ask, type Decision, foresee, giveBack, takeInTurn, type Unused } from './layers.ts';
import type { LayeredLimiter } from './rate-limiter.ts';
import { type StoreHealthOptions, storeHealth } from './store-health.ts';

/** `open` lets the call pass, `closed` refuses it, `insurance` counts it in memory. */
export type WhenDown = 'open' | 'closed' | 'insurance';

export interface GuardedDecision extends Decision {
  /** Made without the store; the layers then say nothing of the limits that callers know. */
  readonly degraded?: 'open' | 'insurance';
  /** With `degraded`: only because the call had too little time left to ask it. */
  readonly hadNoTime?: true;
}

export interface InsuredAsk extends Ask {
  /** In memory; it stands in for the limit. It should allow a share of it: every environment has its
   *  own. */
  readonly insured: LayeredLimiter;
}

export interface GuardOptions {
  /** For all layers of a call together, in milliseconds. Default 250. */
  readonly timeoutMs?: number;
  /** The same for the very first try: a connection has to be made. Where it is the shorter,
   *  `timeoutMs` counts. Default 1000. */
  readonly firstTimeoutMs?: number;
  /** A store that did not answer in time, or failed twice in a row, is left alone for about so long, in
   *  milliseconds; then one call tries it for all. One quick failure is that call's alone: the next
   *  one waits for nothing. Default 1000. */
  readonly restMs?: number;
  /** Each time in a row that it does not answer in time doubles the rest, up to so long. Default
   *  10,000. */
  readonly mostRestMs?: number;
  /** Whose limits they are, in events. */
  readonly subject?: string;
  readonly listen?: Listener;
  readonly now?: () => number;
  readonly timer?: Timer;
  /** From 0 to below 1; parts the environments that rest. */
  readonly random?: () => number;
}

export interface TakeWithin {
  /** What the call has left, in milliseconds: no wait is longer. Default: endless. */
  readonly withinMs?: number | undefined;
}

export interface Guard {
  /**
   * @throws LimitsUnavailableError when the store cannot be asked and `whenDown` is `closed`
   */
  take(
    asks: readonly InsuredAsk[],
    whenDown: WhenDown,
    within?: TakeWithin,
  ): Promise<GuardedDecision>;
}

/** @throws RangeError for an option that makes no sense. */
export function guard({
  timeoutMs = 250,
  firstTimeoutMs = 1_000,
  restMs = 1_000,
  mostRestMs = 10_000,
  subject = 'limits',
  listen = silent,
  now = Date.now,
  timer = systemTimer,
  random = Math.random,
}: GuardOptions = {}): Guard {
  assertFromZero({ timeoutMs, firstTimeoutMs, restMs, mostRestMs });
  if (mostRestMs < restMs)
    throw new RangeError(`mostRestMs must be at least restMs (${restMs}), got ${mostRestMs}`);
  const tell: StoreHealthOptions['tell'] = (happened, severity, facts = {}) =>
    listen({ pattern: 'rate-limit', happened, subject, severity, facts });
  const health = storeHealth({ restMs, mostMs: mostRestMs, now, random, tell });

  async function refund(unused: readonly Unused[], withinMs = timeoutMs): Promise<void> {
    if (unused.length === 0) return;
    const failed = (layer: string, error: unknown) =>
      tell('refund-failed', 'warning', { layer, error: nameOf(error) });
    try {
      await within(Math.min(timeoutMs, withinMs), giveBack(unused, failed), late, timer);
    } catch (error) {
      failed('all', error);
    }
  }

  async function withoutStore(
    asks: readonly InsuredAsk[],
    whenDown: WhenDown,
    cause?: unknown,
  ): Promise<GuardedDecision> {
    const hadNoTime = cause instanceof TooLittleTimeError;
    if (whenDown === 'closed') {
      const retryAfterMs = hadNoTime ? 0 : health.leftMs() || restMs;
      throw new LimitsUnavailableError('the limits cannot be asked', retryAfterMs, { cause });
    }
    const degraded = { degraded: whenDown, ...(hadNoTime && { hadNoTime }) };
    if (whenDown === 'open') return { ...passed, ...degraded };
    const insured = asks.map((ask) => ({ ...ask, limiter: ask.insured }));
    const { decision, unused } = await takeInTurn(insured);
    await refund(unused);
    return { ...decision, ...degraded };
  }

  return {
    async take(asks, whenDown, { withinMs = Infinity } = {}) {
      const startMs = now();
      const known = foresee(asks);
      if (known) return known;
      if (health.leftMs() > 0) return withoutStore(asks, whenDown);
      if (withinMs < 1) return withoutStore(asks, whenDown, tooLittle(withinMs));
      const patienceMs = health.isUntried() ? Math.max(timeoutMs, firstTimeoutMs) : timeoutMs;
      const waitMs = Math.min(patienceMs, withinMs);
      // Whoever comes while this call tries the store after a rest goes without it.
      const untry = health.tried();
      let taken: Awaited<ReturnType<typeof takeInTurn>>;
      try {
        taken = await within(waitMs, takeInTurn(asks), late, timer);
      } catch (error) {
        // Else a caller who gives no time could turn the limits off for all others.
        if (error instanceof StoreTimeoutError && waitMs < timeoutMs / 2) {
          untry();
          return withoutStore(asks, whenDown, tooLittle(waitMs));
        }
        health.failed(error, { error: nameOf(error), whenDown }, untry);
        // Others may have heard meanwhile that there is no room.
        return foresee(asks) ?? withoutStore(asks, whenDown, error);
      }
      health.answered();
      await refund(taken.unused, withinMs - Math.max(0, now() - startMs));
      return taken.decision;
    },
  };
}

const late = (ms: number) => new StoreTimeoutError(`no answer within ${ms} ms`);

const tooLittle = (ms: number) => new TooLittleTimeError(`the call has ${Math.floor(ms)} ms left`);

const passed: Decision = {
  allowed: true,
  layers: [],
  violated: [],
  retryAfterMs: 0,
  foreseen: false,
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
