/** How long a store that does not answer is left alone. */
export interface Rest {
  /** 0: it may be asked. */
  leftMs(): number;
  /** Begins a rest; after each that ends in another it is longer, if asking means waiting. */
  begin(isLate: boolean): void;
  /** From now on one call tries the store for all: the others rest on. @returns what takes that back */
  tried(): () => void;
  /** The store has answered. */
  over(): void;
}

export interface RestOptions {
  /** The first, and each after a failure that nobody waited for. */
  readonly restMs: number;
  /** Longest. */
  readonly mostMs: number;
  readonly now: () => number;
  readonly random: () => number;
}

/** Each is up to a quarter longer or shorter: environments that began to rest together do not all
 *  come back together. */
export function rest({ restMs, mostMs, now, random }: RestOptions): Rest {
  let fromMs: number | undefined;
  let lengthMs = restMs;
  let inARow = 0;
  return {
    leftMs() {
      const sinceMs = fromMs === undefined ? lengthMs : now() - fromMs;
      // A clock that was set back counts as no time: the rest is over rather than endless.
      return sinceMs >= 0 ? Math.max(0, lengthMs - sinceMs) : 0;
    },
    begin(isLate) {
      fromMs = now();
      inARow = isLate ? inARow + 1 : 0;
      const stepMs = Math.min(mostMs, restMs * 2 ** Math.max(0, inARow - 1));
      lengthMs = Math.round(stepMs * (0.75 + random() / 2));
    },
    tried() {
      const before = fromMs;
      if (before === undefined) return () => {};
      const triedMs = now();
      fromMs = triedMs;
      return () => {
        if (fromMs === triedMs) fromMs = before;
      };
    },
    over() {
      fromMs = undefined;
      inARow = 0;
    },
  };
}
