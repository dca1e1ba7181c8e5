/**
 * What a limit let in and refused, held against its bucket.
 *
 * When a call was decided is not known, only that it was after it was sent and before it was
 * answered. Each law takes what speaks for the limit, so that what it convicts was wrong for certain,
 * on a slow machine too; the slower, the less it sees.
 */
export interface Bucket {
  readonly capacity: number;
  readonly refillEveryMs: number;
  /** What one environment may let in besides; 0 where each call is counted. */
  readonly leased: number;
}

export interface CountedCall {
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  readonly admitted: boolean;
}

export interface Price {
  /** Tokens of a call. */
  readonly weight?: number;
  /** That may have leased tokens, at most. */
  readonly environments?: number;
}

/**
 * By how many calls the worst stretch of time had more than the bucket held and what came back
 * meanwhile. Not above 0: the limit held.
 */
export function admittedTooMany(
  { capacity, refillEveryMs, leased }: Bucket,
  calls: readonly CountedCall[],
  { weight = 1, environments = 1 }: Price = {},
): number {
  const admitted = calls
    .filter((call) => call.admitted)
    .toSorted((one, other) => one.answeredAtMs - other.answeredAtMs);
  let worst = Number.NEGATIVE_INFINITY;
  for (const { sentAtMs: fromMs } of admitted) {
    let within = 0;
    for (const { sentAtMs, answeredAtMs } of admitted) {
      if (sentAtMs < fromMs) continue;
      within += 1;
      const tokens =
        capacity + leased * environments + Math.floor((answeredAtMs - fromMs) / refillEveryMs);
      worst = Math.max(worst, within - Math.floor(tokens / weight));
    }
  }
  return worst;
}

/**
 * How many calls were refused though there was room for them: had each call that was let in been
 * decided as late as it can have been, and the refused one as early.
 */
export function refusedTooEarly(
  { capacity, refillEveryMs }: Bucket,
  calls: readonly CountedCall[],
  { weight = 1 }: Price = {},
): number {
  const admitted = calls
    .filter((call) => call.admitted)
    .toSorted((one, other) => one.answeredAtMs - other.answeredAtMs);
  const wasRoomFor = ({ sentAtMs, answeredAtMs }: CountedCall): boolean => {
    let fullAtMs = 0;
    for (const each of admitted) {
      if (each.sentAtMs > answeredAtMs) continue;
      const atMs = Math.min(each.answeredAtMs, answeredAtMs);
      fullAtMs = Math.max(fullAtMs, atMs) + weight * refillEveryMs;
    }
    return fullAtMs <= sentAtMs + (capacity - weight) * refillEveryMs;
  };
  return calls.filter((call) => !call.admitted && wasRoomFor(call)).length;
}
