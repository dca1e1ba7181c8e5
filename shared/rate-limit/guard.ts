/**
 * What becomes of a call when its limits' store fails, or does not answer in time. A refusal is a
 * value and a failure is thrown, so neither can be taken for the other: a refusal stands, however
 * late its refunds are, and a store that is down refuses nobody by itself.
 */
import { assertFromZero } from '../options/assert-numbers.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import { LimitsUnavailableError, StoreTimeoutError } from './errors.ts';
import { type Ask, type Decision, foresee, giveBack, takeInTurn, type Unused } from './layers.ts';
import type { LayeredLimiter } from './rate-limiter.ts';

/** `open` lets the call pass, `closed` refuses it, `insurance` counts it in memory. */
export type WhenDown = 'open' | 'closed' | 'insurance';

export interface GuardedDecision extends Decision {
  /** Made without the store; the layers then say nothing of the limits that callers know. */
  readonly degraded?: 'open' | 'insurance';
}

/** Calls `ring` once after so many milliseconds, unless it is cancelled before. */
export type Timer = (afterMs: number, ring: () => void) => () => void;

export interface InsuredAsk extends Ask {
  /** In memory; it stands in for the limit. It should allow a share of it: every environment has its
   *  own. */
  readonly insured: LayeredLimiter;
}

export interface GuardOptions {
  /** For all layers of a call together, in milliseconds. Default 250. */
  readonly timeoutMs?: number;
  /** The same until the store has answered once: a connection has to be made. Where it is the
   *  shorter, `timeoutMs` counts. Default 1000. */
  readonly firstTimeoutMs?: number;
  /** A store that did not answer in time, or failed twice in a row, is left alone for so long, in
   *  milliseconds; then one call tries it for all. One quick failure is that call's alone: the next
   *  one waits for nothing. Default 1000. */
  readonly restMs?: number;
  /** Whose limits they are, in events. */
  readonly subject?: string;
  readonly listen?: Listener;
  readonly now?: () => number;
  readonly timer?: Timer;
}

export interface Guard {
  /**
   * @throws LimitsUnavailableError when the store is down and `whenDown` is `closed`
   */
  take(asks: readonly InsuredAsk[], whenDown: WhenDown): Promise<GuardedDecision>;
}

/** @throws RangeError for an option that makes no sense. */
export function guard({
  timeoutMs = 250,
  firstTimeoutMs = 1_000,
  restMs = 1_000,
  subject = 'limits',
  listen = silent,
  now = Date.now,
  timer = systemTimer,
}: GuardOptions = {}): Guard {
  assertFromZero({ timeoutMs, firstTimeoutMs, restMs });
  let hasAnswered = false;
  let failures = 0;
  /** The store is left alone from then on. */
  let failedAtMs: number | undefined;

  /** A clock that was set back counts as no time: the rest is over rather than endless. */
  const isResting = (): boolean => {
    const sinceMs = failedAtMs === undefined ? restMs : now() - failedAtMs;
    return sinceMs >= 0 && sinceMs < restMs;
  };

  const tell = (happened: string, severity: 'info' | 'warning' | 'error', facts = {}) =>
    listen({ pattern: 'rate-limit', happened, subject, severity, facts });

  function within<T>(ms: number, work: Promise<T>): Promise<T> {
    let cancel = () => {};
    const expired = new Promise<never>((_, reject) => {
      cancel = timer(ms, () => reject(new StoreTimeoutError(`no answer within ${ms} ms`)));
    });
    return Promise.race([work, expired]).finally(cancel);
  }

  async function refund(unused: readonly Unused[]): Promise<void> {
    if (unused.length === 0) return;
    const failed = (layer: string, error: unknown) =>
      tell('refund-failed', 'warning', { layer, error: nameOf(error) });
    try {
      await within(timeoutMs, giveBack(unused, failed));
    } catch (error) {
      failed('all', error);
    }
  }

  async function withoutStore(
    asks: readonly InsuredAsk[],
    whenDown: WhenDown,
    cause?: unknown,
  ): Promise<GuardedDecision> {
    if (whenDown === 'closed')
      throw new LimitsUnavailableError('the limits cannot be asked', restMs, { cause });
    if (whenDown === 'open') return { ...passed, degraded: whenDown };
    const insured = asks.map((ask) => ({ ...ask, limiter: ask.insured }));
    const { decision, unused } = await takeInTurn(insured);
    await refund(unused);
    return { ...decision, degraded: whenDown };
  }

  return {
    async take(asks, whenDown) {
      const known = foresee(asks);
      if (known) return known;
      if (isResting()) return withoutStore(asks, whenDown);
      // Whoever comes while this call tries the store after a rest goes without it.
      if (failedAtMs !== undefined) failedAtMs = now();
      let taken: Awaited<ReturnType<typeof takeInTurn>>;
      try {
        taken = await within(
          hasAnswered ? timeoutMs : Math.max(timeoutMs, firstTimeoutMs),
          takeInTurn(asks),
        );
      } catch (error) {
        failures += 1;
        if (failures > 1 || error instanceof StoreTimeoutError) failedAtMs = now();
        tell('store-failed', 'error', { error: nameOf(error), whenDown });
        return withoutStore(asks, whenDown, error);
      }
      hasAnswered = true;
      if (failures > 0) tell('store-recovered', 'info');
      failures = 0;
      failedAtMs = undefined;
      await refund(taken.unused);
      return taken.decision;
    },
  };
}

const passed: Decision = {
  allowed: true,
  layers: [],
  violated: [],
  retryAfterMs: 0,
  foreseen: false,
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

function systemTimer(afterMs: number, ring: () => void): () => void {
  const running = setTimeout(ring, afterMs);
  return () => clearTimeout(running);
}
