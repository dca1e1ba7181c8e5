/**
 * What callers of leased tokens heard. A token is drawn in one moment and used in another, so draws and
 * uses are kept apart: whoever uses tokens in a window had them before it, or drew them within it.
 */
import type { Take } from '#shared/rate-limit/rate-limiter.ts';
import type { Write } from '#shared/state/items.ts';
import type { Written } from '#shared/state/store.ts';
import type { Violation } from '../scheduler/trace.ts';
import type { Asked, Exact, Ledger, LedgerOptions } from './limiter-ledger.ts';

export interface LeasedLedgerOptions extends LedgerOptions {
  /** What all environments together may hold. */
  readonly share: number;
  readonly holdMs: number;
}

interface Use {
  readonly cost: number;
  readonly nth: number;
  readonly storeMs: number;
  readonly asked: Asked;
}

export function leasedLedger({
  capacity,
  refillEveryMs,
  trustMs,
  before,
  now,
  share,
  holdMs,
}: LeasedLedgerOptions): Ledger {
  const broken: Violation[] = [];
  const breaks = (never: string, because: string) => void broken.push({ never, because });
  const uses: Use[] = [];
  const givenBack = new Set<Asked>();
  const draws: { readonly nth: number; readonly atMs: number }[] = [];
  /** Tokens of each environment that it drew and has not used. */
  const held = new Map<string, number>();
  const hold = (by: string, tokens: number) => void held.set(by, (held.get(by) ?? 0) + tokens);
  const heardLast = new Map<string, Exact>();
  const deaf = new Set<string>();
  let exactMs = before ? before.atMs + before.cost * refillEveryMs : 0;
  let events = 0;

  const exact = (): Exact => ({ fullAtMs: exactMs, nth: events, storeMs: now() });

  function judgeWindows(): void {
    const used = uses.filter(({ asked }) => !givenBack.has(asked));
    for (const [from, first] of used.entries()) {
      let sum = 0;
      for (const last of used.slice(from)) {
        sum += last.cost;
        const drawnMs = draws
          .filter(({ nth }) => nth > first.nth && nth < last.nth)
          .map(({ atMs }) => atMs);
        const windowMs = last.storeMs - Math.min(first.storeMs, ...drawnMs);
        if (sum > capacity + share + windowMs / refillEveryMs)
          breaks(
            'more admitted in a window than capacity, refill and leased share',
            `${sum} in ${windowMs} ms`,
          );
      }
    }
  }

  return {
    breaks,
    exact,
    wrote(asked: Asked, write: Write, { applied, item }: Written): void {
      if (!applied) return;
      events += 1;
      hold(asked.by, drawnMs(write) / refillEveryMs);
      exactMs = Number(item?.['fullAtMs']);
      draws.push({ nth: events, atMs: asked.atMs });
    },
    answered(asked: Asked, heard: Exact): void {
      asked.answer = heard;
      heardLast.set(asked.by, heard);
    },
    deleted(): void {
      throw new Error('nothing lapses here');
    },
    heard(asked: Asked, take: Take): void {
      const { by, cost, atMs } = asked;
      const last = heardLast.get(by);
      const ageMs = last && !asked.answer ? now() - last.storeMs : 0;
      if (asked.losses > 0) breaks('a fault that looks like an answer', `to ${by}`);
      if (take.allowed) {
        if (ageMs >= holdMs) breaks('a leased token used after its lease', `${ageMs} ms`);
        events += 1;
        uses.push({ cost, nth: events, storeMs: now(), asked });
        hold(by, -cost);
        if ((held.get(by) ?? 0) < 0) breaks('a token used that was not drawn', by);
        judgeWindows();
        return;
      }
      const known = asked.answer ?? (ageMs <= trustMs ? last : undefined);
      const roomMs = atMs + capacity * refillEveryMs - Math.max(atMs, known?.fullAtMs ?? exactMs);
      if (roomMs >= cost * refillEveryMs) breaks('a refusal while there is room', `${roomMs} ms`);
    },
    lost(asked: Asked): void {
      asked.losses += 1;
      deaf.add(asked.by);
    },
    unheard(asked: Asked, error: unknown): void {
      // Whoever waits for the lease of another call fails with it.
      if (!deaf.has(asked.by)) throw error;
    },
    gaveBack(of: Asked): void {
      givenBack.add(of);
      hold(of.by, of.cost);
    },
    broken: () => broken,
    state: () => [
      exactMs,
      uses.map(({ cost, nth, storeMs, asked }) => [cost, nth, storeMs, givenBack.has(asked)]),
      draws.map(({ nth, atMs }) => [nth, atMs]),
      [...heardLast],
      [...deaf],
      [...held],
    ],
  };
}

/** A take of a bucket in use adds to its number; one of a bucket at rest says from when. */
function drawnMs(write: Write): number {
  if (!('add' in write) && !('set' in write)) throw new Error('a draw that is no update');
  const added = write.add?.['fullAtMs'];
  if (added !== undefined) return added;
  const { when } = write;
  const bound = when && 'absentOr' in when ? when.absentOr['fullAtMs'] : undefined;
  if (!bound || !('below' in bound)) throw new Error('a draw without its bounds');
  return Number(write.set?.['fullAtMs']) - (Number(bound.below) - 1);
}
