/** Callers of one rate limit, each in an environment of its own: own memory, own clock. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ItemWriter } from '#shared/state/store.ts';
import { faultsOf, textOfWrite } from '../scheduler/call.ts';
import { startMs } from '../scheduler/clock.ts';
import type { ActorSpec, Scenario } from '../scheduler/execute.ts';
import type { Self, Stage } from '../scheduler/stage.ts';
import { leasedLedger } from './leased-ledger.ts';
import { type Asked, type Ledger, ledger } from './limiter-ledger.ts';
import { sortedTexts } from './requests.ts';

const table = 'state';
const key = 'k';
const refillEveryMs = 1_000;
const trustMs = 600;
const holdMs = 900;
/** Past every bucket, and past all that memory is trusted for. */
const frozenMs = 60_000;

/** What happens between a take and its refund. */
export interface Between {
  readonly passMs?: number;
  readonly clockMs?: number;
}

export type Deed =
  | { readonly take: number; readonly giveBack?: Between }
  /** Time passes for all. */
  | { readonly passMs: number }
  /** The clock of this environment is set, and stays so. */
  | { readonly clockMs: number }
  /** The store deletes the bucket, if it has lapsed. */
  | { readonly sweep: true }
  /** Several calls of one environment, under way together. */
  | { readonly together: readonly Deed[] };

export interface Environment {
  readonly name: string;
  /** How far its clock is ahead of the store's. Default 0. */
  readonly skewMs?: number;
  readonly does: readonly Deed[];
}

export interface Limited {
  readonly name: string;
  readonly capacity?: number;
  /** What somebody took before, who is gone; absent: nobody has taken anything. */
  readonly before?: { readonly take: number; readonly agoMs: number };
  readonly environments: readonly Environment[];
  /** Who asks last, and by which clock. */
  readonly lastSkewMs?: number;
  /** An answer may be heard later than the write is made. */
  readonly slowAnswers?: boolean;
  /** Environments lease up to so many tokens. */
  readonly mostTokens?: number;
}

const sinceStart = (instantMs: number): string =>
  `${instantMs < startMs ? '' : '+'}${instantMs - startMs}`;

const withShortInstants = (text: string): string =>
  text.replaceAll(/\d{13}/g, (instant) => sinceStart(Number(instant)));

interface Setting {
  readonly stage: Stage;
  readonly books: Ledger;
  readonly capacity: number;
  readonly slowAnswers: boolean;
  readonly mostTokens: number | undefined;
}

/** A limiter of its own, whose writes the ledger sees as they are made. */
function environment(
  { stage, books, capacity, slowAnswers, mostTokens }: Setting,
  self: Self,
  now: () => number,
) {
  const current = new AsyncLocalStorage<Asked>();

  const store: ItemWriter = {
    async write(write, options) {
      const asked = current.getStore();
      if (!asked) throw new Error('a write that nobody asked for');
      const does = `${asked.kind === 'take' ? 'takes' : 'gives back'} ${asked.cost}`;
      const what = `${does}, its clock at ${sinceStart(asked.atMs)}: ${withShortInstants(textOfWrite(write))}`;
      try {
        const call = { verb: 'write', what, faults: faultsOf['write'] ?? [] };
        let exact = books.exact();
        const written = await self.step(call, async () => {
          const done = await stage.store.write(write, options);
          books.wrote(asked, write, done);
          exact = books.exact();
          return done;
        });
        if (slowAnswers)
          await self.step({ verb: 'hear', what: `hears: ${does}`, faults: [] }, () => {});
        books.answered(asked, exact);
        return written;
      } catch (error) {
        books.lost(asked);
        throw error;
      }
    },
  };
  const options = { store, capacity, refillEveryMs, trustMs, now };
  const limiter =
    mostTokens === undefined
      ? stage.subject.tokenBucket(options)
      : stage.subject.leasedBucket({ ...options, mostTokens, holdMs, random: () => 0.5 });

  async function asking<T>(asked: Asked, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await current.run(asked, ask);
    } catch (error) {
      books.unheard(asked, error);
      return undefined;
    }
  }
  const begin = (kind: Asked['kind'], cost: number, of?: Asked): Asked => ({
    by: self.name,
    kind,
    cost,
    atMs: now(),
    ...(of && { of }),
    losses: 0,
  });

  return {
    async take(cost: number) {
      const asked = begin('take', cost);
      const answer = await asking(asked, () => limiter.take(key, { cost }));
      if (answer) books.heard(asked, answer);
      return { asked, answer };
    },
    async giveBack(of: Asked): Promise<void> {
      const asked = begin('refund', of.cost, of);
      const given = { cost: of.cost, takenAtMs: of.atMs };
      books.gaveBack(of);
      await asking(asked, () => limiter.giveBack(key, given));
    },
  };
}

export const limited = ({
  name,
  capacity = 2,
  before,
  environments,
  lastSkewMs = 0,
  slowAnswers = false,
  mostTokens,
}: Limited): Scenario => ({
  name,
  frozenMs,
  anyOrder: slowAnswers,
  async start(stage) {
    const { store, clock } = stage;
    const taken = before && { cost: before.take, atMs: startMs - before.agoMs };
    if (taken)
      await stage.subject
        .tokenBucket({ store, capacity, refillEveryMs, now: () => taken.atMs })
        .take(key, { cost: taken.cost });
    // Who sets its clock back believes that what it knows is younger.
    const setBackMs = environments
      .flatMap(({ does }) => does)
      .map((deed) => ('clockMs' in deed ? Math.max(0, -deed.clockMs) : 0));
    const known = {
      capacity,
      refillEveryMs,
      trustMs: trustMs + Math.max(0, ...setBackMs),
      before: taken,
      now: () => clock.nowMs,
    };
    const books =
      mostTokens === undefined
        ? ledger(known)
        : leasedLedger({ ...known, holdMs, share: environments.length * mostTokens });
    const setting = { stage, books, capacity, slowAnswers, mostTokens };

    const happening = (self: Self, what: string, happens: () => void | Promise<void>) =>
      self.step({ verb: 'wait', what, faults: [] }, happens);

    async function deleteLapsed(): Promise<void> {
      for (const { pk, ttl } of store.items(table)) {
        if (Number(ttl) * 1_000 > clock.nowMs) continue;
        await store.write({ remove: true, at: { table, key: { pk: String(pk) } } });
        books.deleted();
      }
    }

    const actor = ({ name: actorName, skewMs = 0, does }: Environment): ActorSpec => ({
      name: actorName,
      async act(self) {
        let aheadMs = skewMs;
        const asks = environment(setting, self, () => self.now() + aheadMs);
        const pass = (ms: number) =>
          happening(self, `${ms} ms pass`, () => {
            clock.nowMs += ms;
          });
        const setClock = (ms: number) =>
          happening(self, `its clock is set by ${ms} ms`, () => {
            aheadMs += ms;
          });
        async function doing(deed: Deed): Promise<void> {
          if ('passMs' in deed) return pass(deed.passMs);
          if ('clockMs' in deed) return setClock(deed.clockMs);
          if ('sweep' in deed) return happening(self, 'deletes what has lapsed', deleteLapsed);
          if ('together' in deed) {
            await Promise.all(deed.together.map(doing));
            return;
          }
          const { asked, answer } = await asks.take(deed.take);
          if (!deed.giveBack || !answer?.allowed) return;
          const { passMs, clockMs } = deed.giveBack;
          if (passMs !== undefined) await pass(passMs);
          if (clockMs !== undefined) await setClock(clockMs);
          await asks.giveBack(asked);
        }
        for (const deed of does) await doing(deed);
      },
    });

    return {
      actors: environments.map(actor),
      /** Comes back exactly when it was told to, and not a millisecond earlier. */
      async epilogue(self) {
        const asks = environment(setting, self, () => self.now() + lastSkewMs);
        const first = await asks.take(capacity);
        const answer = first.answer?.allowed ? (await asks.take(capacity)).answer : first.answer;
        if (!answer || answer.allowed) return books.breaks('no end of tokens', 'two full buckets');
        clock.nowMs += answer.retryAfterMs - 1;
        const early = await asks.take(capacity);
        if (early.answer?.allowed !== false) books.breaks('a time to come back too late', '');
        clock.nowMs += 1;
        const inTime = await asks.take(capacity);
        if (!inTime.answer?.allowed) books.breaks('a time to come back too early', '');
      },
      afterStep: books.broken,
      audit: books.broken,
      state: () => [sortedTexts(store.items(table)), books.state()],
    };
  },
});
