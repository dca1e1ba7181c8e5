/**
 * What callers of one limit heard, judged by an exact bucket that is told of every write in the order
 * in which they were made, whoever heard of them.
 */
import type { Refused, Take, Taken } from '#shared/rate-limit/rate-limiter.ts';
import type { Write } from '#shared/state/items.ts';
import type { Written } from '#shared/state/store.ts';
import type { Violation } from '../scheduler/trace.ts';

export interface LedgerOptions {
  readonly capacity: number;
  readonly refillEveryMs: number;
  /** How long memory may refuse, by the clock of the store. */
  readonly trustMs: number;
  /** What was taken before the first call. */
  readonly before: { readonly cost: number; readonly atMs: number } | undefined;
  /** By the clock of the store. */
  readonly now: () => number;
}

/** One call of a limiter, from when it was asked until it answers. */
export interface Asked {
  readonly by: string;
  readonly kind: 'take' | 'refund';
  readonly cost: number;
  /** By the caller's clock. */
  readonly atMs: number;
  /** Of a refund: the take that it gives back. */
  readonly of?: Asked;
  /** When it was done, and as which of all writes. */
  done?: { readonly nth: number; readonly storeMs: number };
  /** What the exact bucket was at the last write that was answered; absent: memory spoke. */
  answer?: Exact;
  /** Calls that were lost on the way. */
  losses: number;
}

/** The exact bucket at one moment. */
export interface Exact {
  readonly fullAtMs: number;
  readonly nth: number;
  readonly storeMs: number;
}

interface Admission {
  readonly cost: number;
  readonly nth: number;
  readonly atMs: number;
  readonly storeMs: number;
  readonly asked?: Asked;
}

export function ledger({ capacity, refillEveryMs, trustMs, before, now }: LedgerOptions) {
  const broken: Violation[] = [];
  const breaks = (never: string, because: string) => void broken.push({ never, because });
  const admissions: Admission[] = before ? [{ ...before, nth: 0, storeMs: before.atMs }] : [];
  const refunds: { readonly nth: number; readonly atMs: number; readonly of: Asked }[] = [];
  const deletions: { readonly nth: number; lagMs: number }[] = [];
  /** The newest that each environment heard. */
  const heardLast = new Map<string, Exact>();
  let exactMs = before ? before.atMs + before.cost * refillEveryMs : 0;
  let events = 0;

  const roomUntilMs = ({ atMs, cost }: Asked) => atMs + (capacity - cost) * refillEveryMs;

  /** A write was made, or refused by its condition; who asked may never hear of it. */
  function wrote(asked: Asked, _write: Write, { applied }: Written): void {
    if (!applied) return;
    events += 1;
    asked.done = { nth: events, storeMs: now() };
    const wasDeleted = deletions.find(({ nth }) => nth === events - 1);
    if (wasDeleted) wasDeleted.lagMs = Math.max(0, now() - asked.atMs);
    if (asked.kind === 'take') {
      exactMs = Math.max(exactMs, asked.atMs) + asked.cost * refillEveryMs;
      return;
    }
    const taken = asked.of;
    if (!taken) throw new Error('a refund of nothing');
    const sinceMs = Math.max(0, asked.atMs - taken.atMs);
    exactMs -= Math.max(0, taken.cost * refillEveryMs - sinceMs);
    refunds.push({ nth: events, atMs: asked.atMs, of: taken });
  }

  /** Its caller hears of a write, that was made when the exact bucket was this. */
  function answered(asked: Asked, exact: Exact): void {
    asked.answer = exact;
    const last = heardLast.get(asked.by);
    if (!last || last.nth <= exact.nth) heardLast.set(asked.by, exact);
  }

  /** The store deleted a bucket that had lapsed: to whoever comes now, nobody has used it. */
  function deleted(): void {
    events += 1;
    deletions.push({ nth: events, lagMs: 0 });
    exactMs = 0;
  }

  /** In any run of admissions: no more than was there, and came back from the first to the last. */
  function judgeWindows(): void {
    const used = admissions
      .filter(({ asked }) => !refunds.some(({ of }) => of === asked))
      .sort((a, b) => a.nth - b.nth);
    for (const [from, first] of used.entries()) {
      let sum = 0;
      for (const last of used.slice(from)) {
        sum += last.cost;
        const windowMs = windowOf(first, last);
        if (sum > capacity + windowMs / refillEveryMs)
          breaks('more admitted in a window than capacity and refill', `${sum} in ${windowMs} ms`);
      }
    }
  }

  /**
   * By the clocks of those who took: as far as clocks differ, and a call is under way, it is longer or
   * shorter than by the store's. What is given back counts from when it was asked to, but not from
   * before it was taken. Where the store
   * deleted the bucket, nobody knew more than its clock, and the next caller's lag comes on top.
   */
  function windowOf(first: Admission, last: Admission): number {
    const isBetween = ({ nth }: { readonly nth: number }) => nth > first.nth && nth < last.nth;
    const backMs = refunds
      .filter((refund) => isBetween(refund) && (refund.of.done?.nth ?? 0) < first.nth)
      .map(({ atMs, of }) => Math.max(atMs, of.atMs));
    const lagsMs = deletions.filter(isBetween).map(({ lagMs }) => lagMs);
    const toMs = lagsMs.length > 0 ? Math.max(last.atMs, last.storeMs) : last.atMs;
    return Math.max(0, toMs - Math.min(first.atMs, ...backMs)) + Math.max(0, ...lagsMs);
  }

  function allowed(asked: Asked, taken: Taken): void {
    const { atMs, cost } = asked;
    // Without a write it was admitted all the same.
    const done = asked.done ?? { nth: ++events, storeMs: now() };
    admissions.push({ ...done, cost, atMs, asked });
    judgeWindows();
    if (taken.takenAtMs !== atMs)
      breaks('an instant that is not the caller’s', `${taken.takenAtMs}`);
    const fullInMs = Math.max(0, (asked.answer?.fullAtMs ?? exactMs) - atMs);
    if (taken.remaining > Math.max(0, capacity - Math.ceil(fullInMs / refillEveryMs)))
      breaks('more said to remain than does', `${taken.remaining}, full in ${fullInMs} ms`);
  }

  /** What it was told, or what its environment may still go by; else how things are. */
  function knownOf({ by, answer }: Asked): number {
    const last = heardLast.get(by);
    const known = answer ?? (last && now() - last.storeMs <= trustMs ? last : undefined);
    return known?.fullAtMs ?? exactMs;
  }

  function refused(asked: Asked, { retryAfterMs }: Refused): void {
    const waitMs = knownOf(asked) - roomUntilMs(asked);
    if (waitMs <= 0) breaks('a refusal while there is room', `for ${-waitMs} ms`);
    else if (waitMs !== retryAfterMs)
      breaks('an inexact time to come back', `${retryAfterMs} ms instead of ${waitMs} ms`);
  }

  return {
    breaks,
    exact: (): Exact => ({ fullAtMs: exactMs, nth: events, storeMs: now() }),
    wrote,
    answered,
    deleted,
    heard(asked: Asked, take: Take): void {
      if (asked.losses > 0) breaks('a fault that looks like an answer', `to ${asked.by}`);
      if (take.allowed) allowed(asked, take);
      else refused(asked, take);
    },
    lost: (asked: Asked): void => {
      asked.losses += 1;
    },
    /** It ended without an answer. */
    unheard(asked: Asked, error: unknown): void {
      if (asked.losses > 0) return;
      const isUnsettled = error instanceof Error && error.name === 'UnsettledTakeError';
      if (!isUnsettled || asked.kind === 'refund') throw error;
      if (asked.done) breaks('a take that was made and is denied', asked.by);
    },
    /** Without a write; those with one are known by it. */
    gaveBack: (_of: Asked): void => {},
    broken: (): readonly Violation[] => broken,
    /** All that later judgements depend on. */
    state: (): unknown => [
      exactMs,
      admissions.map(({ cost, nth, atMs, storeMs }) => [cost, nth, atMs, storeMs]),
      refunds.map(({ nth, atMs, of }) => [nth, atMs, of.done?.nth]),
      deletions.map(({ nth, lagMs }) => [nth, lagMs]),
      [...heardLast],
    ],
  };
}

export type Ledger = ReturnType<typeof ledger>;
