/**
 * Mutex: work under a lease whose writes carry the lease's guard, so that none of them happens after
 * somebody else has taken it over, however late its holder wakes up.
 */
import type { Deadline } from '../deadline/deadline.ts';
import { assertWhole } from '../options/assert-numbers.ts';
import type { Write } from '../state/items.ts';
import { type Committed, TransactionInvalidError, type TransactionStore } from '../state/store.ts';
import { advisoryLock, type Held, type LockOptions, type Ran } from './advisory-lock.ts';
import { LeaseLostError } from './heartbeat.ts';

export interface Guarded extends Held {
  /**
   * The writes and the guard, in one transaction. Refusals are those of the writes, in their order.
   * @throws LeaseLostError when the lease is lost: then nothing was written, and never will be.
   * What else it throws is the store's, after `maxSends` sends: the outcome is unknown.
   */
  commit(writes: readonly Write[]): Promise<Committed>;
}

export interface MutexOptions extends LockOptions {
  readonly store: TransactionStore;
  /** Sends of one transaction that was not answered or met another, the first included. From 1. */
  readonly maxSends?: number;
  readonly baseDelayMs?: number;
  readonly random?: () => number;
  /** Names a transaction: 1 to 36 characters. */
  readonly newId?: () => string;
}

export interface Mutex {
  /** Runs `work` while it holds the key, and frees it however `work` ends. @throws what `work` throws. */
  run<T>(
    key: string,
    work: (held: Guarded) => Promise<T>,
    options?: { readonly deadline?: Deadline },
  ): Promise<Ran<T>>;
}

export function mutex({
  store,
  maxSends = 4,
  baseDelayMs = 20,
  random = Math.random,
  newId = () => crypto.randomUUID(),
  ...options
}: MutexOptions): Mutex {
  assertWhole({ maxSends, baseDelayMs }, 1);
  const lock = advisoryLock(options);
  const { leases, sleep = pause } = options;

  async function commit({ lease, signal }: Held, writes: readonly Write[]): Promise<Committed> {
    // The same token for every send: one whose answer was lost must not be done a second time.
    const transaction = { token: newId(), writes: [leases.guard(lease), ...writes] };
    let unanswered: { readonly error: unknown } | undefined;
    for (let attempt = 1; ; attempt++) {
      // A send that was not answered may have been done, whoever holds the lease by now.
      if (signal.aborted && unanswered) throw unanswered.error;
      signal.throwIfAborted();
      const last = attempt >= maxSends;
      const committed = await store.commit(transaction).catch((error: unknown) => {
        if (last || (error instanceof TransactionInvalidError && !unanswered))
          // An earlier send may have been done even if a later one is refused as invalid.
          throw unanswered ? unanswered.error : error;
        unanswered = { error };
        return undefined;
      });
      if (committed?.applied) return committed;
      const [guard, ...refusals] = committed?.refusals ?? [];
      if (guard?.because === 'condition')
        throw unanswered
          ? unanswered.error
          : new LeaseLostError(`${lease.key} was taken over, nothing was written`);
      // The heartbeat writes the very item that the guard checks, so the two may meet.
      const met = [guard, ...refusals].some(
        (refusal) => refusal?.because === 'conflict' || refusal?.because === 'throttled',
      );
      if (committed && (!met || last)) {
        // An earlier send may still arrive, and find what this one did not.
        if (unanswered) throw unanswered.error;
        return { applied: false, refusals };
      }
      await sleep(random() * baseDelayMs * 2 ** attempt, signal);
    }
  }

  return {
    run: (key, work, { deadline } = {}) =>
      lock.run(
        key,
        (held) => work({ ...held, commit: (writes) => commit(held, writes) }),
        deadline ? { deadline } : {},
      ),
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
