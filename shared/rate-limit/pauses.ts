/**
 * When an environment asks a bucket again that had too little: an overload is refused from memory.
 * Refusals cost as many writes as takes, and a bucket that thousands ask in vain is throttled.
 *
 * A pause is about 50 ms long, and twice as long after each refusal in a row, up to the hold of a lease.
 */
import { boundedMap } from './bounded-map.ts';

export interface Pause {
  /** It holds for takes that need at least so many tokens of the bucket. */
  readonly fromTokens: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** The bucket's number, as it was heard last. */
  readonly fullAtMs: number;
}

interface Kept extends Pause {
  readonly stepMs: number;
  /** Tokens that were asked for in vain meanwhile. */
  missed: number;
}

export interface Pauses {
  /** Undefined: the bucket may be asked. */
  running(key: string, nowMs: number): Pause | undefined;
  /** The bucket had less than was wanted. */
  begin(key: string, refused: Pick<Pause, 'fromTokens' | 'fullAtMs'>, nowMs: number): void;
  /** The bucket is throttled: where it had too little just before, it is left alone for longer. */
  prolong(key: string, nowMs: number): void;
  /** A caller was refused, and told when to come back. */
  told(key: string, cost: number, at: { readonly nowMs: number; readonly inMs: number }): void;
  /** What was asked for in vain since the last pause began; 0 where that is long ago. */
  missed(key: string, nowMs: number): number;
  /** The bucket had all that was wanted. */
  end(key: string): void;
}

const firstMs = 50;

export function pauses({
  maxKeys,
  mostMs,
  random,
}: {
  readonly maxKeys: number;
  readonly mostMs: number;
  readonly random: () => number;
}): Pauses {
  const all = boundedMap<Kept>(maxKeys);
  /** The next instant at which somebody was told to come back. */
  const promised = boundedMap<number>(maxKeys);

  function promisedAfter(key: string, nowMs: number): number {
    const atMs = promised.get(key) ?? Infinity;
    return atMs > nowMs ? atMs : Infinity;
  }

  /** Soon after a pause its end is still news. Before its beginning the clock was set back. */
  function recent(key: string, nowMs: number): Kept | undefined {
    const kept = all.get(key);
    return kept && nowMs >= kept.fromMs && nowMs < kept.untilMs + mostMs ? kept : undefined;
  }

  function begin(key: string, refused: Pick<Pause, 'fromTokens' | 'fullAtMs'>, nowMs: number) {
    const last = recent(key, nowMs);
    const stepMs = Math.min(mostMs, last ? 2 * last.stepMs : firstMs);
    const endMs = nowMs + Math.ceil(stepMs * (0.75 + random() / 2));
    // Whoever comes when told to is not to find a pause that began meanwhile.
    const untilMs = Math.min(endMs, promisedAfter(key, nowMs));
    all.set(key, { ...refused, fromMs: nowMs, untilMs, stepMs, missed: 0 });
  }

  return {
    running(key, nowMs) {
      const kept = recent(key, nowMs);
      return kept && nowMs < kept.untilMs ? kept : undefined;
    },
    begin,
    prolong(key, nowMs) {
      const last = recent(key, nowMs);
      if (last) begin(key, { fromTokens: last.fromTokens, fullAtMs: last.fullAtMs }, nowMs);
    },
    told(key, cost, { nowMs, inMs }) {
      promised.set(key, Math.min(promisedAfter(key, nowMs), nowMs + inMs));
      const kept = recent(key, nowMs);
      if (kept) kept.missed += cost;
    },
    missed: (key, nowMs) => recent(key, nowMs)?.missed ?? 0,
    end: (key) => all.delete(key),
  };
}
