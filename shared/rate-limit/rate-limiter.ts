/** The one form of every limit: what it is asked, and what it answers. */

/** Where a limit stands for one key, in whole tokens and milliseconds. */
export interface Standing {
  /** Tokens that could be taken now. Never more than could. */
  readonly remaining: number;
  /** No more than `remaining` can be taken for so long: until one more comes back. 0: none is missing. */
  readonly nextTokenMs: number;
  /** Until nothing is missing, if nobody takes anything meanwhile. */
  readonly fullInMs: number;
}

export type Taken = Standing & {
  readonly allowed: true;
  /** By the clock of the limiter, when it was asked. */
  readonly takenAtMs: number;
  /** The caller's turn comes so much later. 0 for every limit that does not shape traffic. */
  readonly delayMs: number;
};

export type Refused = Standing & {
  readonly allowed: false;
  /** The same take fits after it, if nobody takes anything meanwhile; not a millisecond before.
   *  Infinity for a cost that the limit can never allow. */
  readonly retryAfterMs: number;
};

export type Take = Taken | Refused;

export interface TakeOptions {
  /** Whole tokens from 1. Default 1. */
  readonly cost?: number;
}

/** What callers are told of a limit: a burst of `tokens`, which comes back over `windowMs`. */
export interface Quota {
  readonly tokens: number;
  readonly windowMs: number;
}

export interface RateLimiter {
  readonly quota: Quota;
  /**
   * A refusal is an answer, not an error.
   * @throws RangeError for a cost that is no whole number from 1
   * @throws what the store throws; the tokens may then be taken
   */
  take(key: string, options?: TakeOptions): Promise<Take>;
}

export interface GivenBack {
  readonly cost: number;
  readonly takenAtMs: number;
}

/** A limit that can stand among others: it foresees refusals, and takes tokens back. */
export interface LayeredLimiter extends RateLimiter {
  /** The refusal of this take, where memory refuses by itself: no call is made. */
  foresee(key: string, options?: TakeOptions): Refused | undefined;
  /**
   * Gives back what a take has taken and nobody used: as much of it as has not come back by itself
   * since, because that much others may have taken. It is tried once.
   * @throws what the store throws; the tokens then come back by themselves
   */
  giveBack(key: string, given: GivenBack): Promise<void>;
}
