/**
 * How long a value holds. Its age counts from the beginning of its load, because what was read then
 * is as old as that; so a slow load makes nothing younger.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5861 (stale-while-revalidate, stale-if-error)
 */
import { assertFromZero, assertWhole } from '../options/assert-numbers.ts';

export interface LifetimePolicy {
  /** So long it is answered without a thought. In whole milliseconds from 1. */
  readonly freshMs: number;
  /** After that, so long it is still answered at once, while one refresh runs. Default 0: never. */
  readonly staleMs?: number;
  /** After `freshMs`, so long it is answered where nothing newer can be had. Default 0: never. */
  readonly staleIfErrorMs?: number;
  /** So long "there is nothing" is remembered. Default 0: it is not. */
  readonly negativeMs?: number;
  /** Up to this part of its fresh time is taken off each value by chance, so that those that were
   *  loaded together do not end together. From 0 to below 1. Default 0.1. */
  readonly jitterRatio?: number;
}

/** Instants, the first at which it does not hold any more. */
export interface Lifetime {
  readonly beganAtMs: number;
  readonly freshUntilMs: number;
  readonly staleUntilMs: number;
  readonly onErrorUntilMs: number;
}

/** `on-error`: only where nothing newer can be had. */
export type Phase = 'fresh' | 'stale' | 'on-error' | 'over';

/** @throws RangeError for a policy that makes no sense. */
export function lifetimes(
  { freshMs, staleMs = 0, staleIfErrorMs = 0, negativeMs = 0, jitterRatio = 0.1 }: LifetimePolicy,
  random: () => number,
): (loaded: { readonly beganAtMs: number; readonly isNothing: boolean }) => Lifetime {
  assertWhole({ freshMs }, 1);
  assertWhole({ staleMs, staleIfErrorMs, negativeMs }, 0);
  assertFromZero({ jitterRatio });
  if (jitterRatio >= 1) throw new RangeError(`jitterRatio must be below 1, got ${jitterRatio}`);

  return ({ beganAtMs, isNothing }) => {
    const wholeMs = isNothing ? negativeMs : freshMs;
    const freshUntilMs = beganAtMs + wholeMs * (1 - jitterRatio * random());
    return {
      beganAtMs,
      freshUntilMs,
      staleUntilMs: isNothing ? freshUntilMs : freshUntilMs + staleMs,
      onErrorUntilMs: isNothing || staleIfErrorMs === 0 ? beganAtMs : freshUntilMs + staleIfErrorMs,
    };
  };
}

/** Before its beginning (the clock was set back since) its age is unknown, and it is over. */
export function phaseOf(of: Lifetime, nowMs: number): Phase {
  if (nowMs < of.beganAtMs) return 'over';
  if (nowMs < of.freshUntilMs) return 'fresh';
  if (nowMs < of.staleUntilMs) return 'stale';
  return nowMs < of.onErrorUntilMs ? 'on-error' : 'over';
}

/** Whether it may stand in where its successor, or the news of it, cannot be had. */
export const servesOnError = ({ beganAtMs, onErrorUntilMs }: Lifetime, nowMs: number): boolean =>
  nowMs >= beganAtMs && nowMs < onErrorUntilMs;
