/**
 * Leases: one holder at a time for a key, until it releases or its time runs out, with a token that
 * grows with each holder.
 *
 * Clocks decide only when a lease may be taken: by the taker's own, so a fast one takes too early and
 * a frozen holder never hears of it. What keeps a late holder from doing harm is the token alone:
 * each protected transaction includes `guard(lease)`, and fails once somebody else has the lease.
 * A lease whose time is over and that nobody took is still its holder's.
 *
 * @see https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html (fencing tokens)
 */
import { assertRemaining, type Deadline } from '../deadline/deadline.ts';
import { assertWhole } from '../options/assert-numbers.ts';
import type { Write } from '../state/items.ts';
import type { ItemWriter, TransactionStore, Written } from '../state/store.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import {
  extendWrite,
  type Holder,
  holderCheck,
  LeaseFaultError,
  type LeaseState,
  leaseAddress,
  readLease,
  releaseWrite,
  takeWrite,
} from './lease-item.ts';

/** What its holder knows: a value, true when it was made. */
export interface Lease extends Holder {
  readonly key: string;
  /** By the clock that took or extended it. */
  readonly heldUntilMs: number;
}

export type Acquired =
  | { readonly acquired: true; readonly lease: Lease }
  /** `retryAfterMs`: until the holder's time is over, if it neither extends nor releases. */
  | { readonly acquired: false; readonly retryAfterMs: number };

export interface AcquireOptions {
  /** From 1. Longer than the work usually takes, or extended meanwhile. */
  readonly holdMs: number;
  /** Longest wait for another holder, from 0: asked once. */
  readonly waitMs?: number;
  /** Ends the wait as well. */
  readonly deadline?: Deadline | undefined;
}

export interface Leases {
  /**
   * Waiters are in no order, and nothing keeps one of them from always losing.
   *
   * @throws DeadlineExceededError before anything was sent; LeaseFaultError; or what the store throws
   * when it does not answer: then the lease may have been taken, and lapses by itself.
   */
  acquire(key: string, options: AcquireOptions): Promise<Acquired>;
  /** Holds it for `holdMs` from now, never shorter than before; undefined when it is lost. */
  extend(lease: Lease, options: Pick<AcquireOptions, 'holdMs'>): Promise<Lease | undefined>;
  /** Frees the key at once and keeps its token; false when it was lost before. */
  release(lease: Lease): Promise<boolean>;
  /** Must be among the writes of every transaction that the lease protects. */
  guard(lease: Lease): Write;
}

export interface LeasesOptions {
  readonly store: TransactionStore & ItemWriter;
  /** The role of the table that holds the leases. */
  readonly table: string;
  /** What they protect, in resilience events. */
  readonly subject?: string;
  /** Sends of one write whose answer is lost, the first included. From 1. */
  readonly maxSends?: number;
  /** First pause between looks at a lease that another holds; doubles up to `maxDelayMs`, with jitter. */
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
  readonly listen?: Listener;
  readonly now?: () => number;
  readonly random?: () => number;
  /** Names a holder: another one at every call. */
  readonly newId?: () => string;
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * @example
 * const { acquire, guard, release } = leases({ store, table: 'lease' });
 * const answer = await acquire('report', { holdMs: 10_000 });
 * if (answer.acquired) await store.commit({ token, writes: [guard(answer.lease), write] });
 */
export function leases({
  store,
  table,
  subject = 'lease',
  maxSends = 3,
  baseDelayMs = 50,
  maxDelayMs = 1_000,
  listen = silent,
  now = Date.now,
  random = Math.random,
  newId = () => crypto.randomUUID(),
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: LeasesOptions): Leases {
  assertWhole({ maxSends, baseDelayMs, maxDelayMs }, 1);

  const tell = (happened: string, token: number, severity: 'info' | 'warning' = 'info') =>
    listen({ pattern: 'lease', happened, subject, severity, facts: { token } });

  /** Half of it fixed, so that nobody asks without a pause; half jittered, so that none keep step. */
  function pauseMs(attempt: number): number {
    const ceilingMs = Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
    return ceilingMs * (0.5 + random() / 2);
  }

  /** Again when an answer was lost, unless that was the last send. */
  async function settled<T>(send: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send();
      } catch (error) {
        if (attempt >= maxSends || error instanceof LeaseFaultError) throw error;
        await sleep(pauseMs(attempt));
      }
    }
  }

  /** One try. Whether a write whose answer was lost arrived is told by the item: its owner and token. */
  async function take(key: string, owner: string, holdMs: number): Promise<Acquired> {
    const at = leaseAddress(table, key);
    /** The token of a write that was not answered: it may have arrived, or still arrive. */
    let unanswered: number | undefined;

    const gained = ({ token, expiresAtMs }: LeaseState, overran: boolean): Acquired => {
      tell(overran ? 'taken-over' : 'acquired', token, overran ? 'warning' : 'info');
      return { acquired: true, lease: { key, owner, token, heldUntilMs: expiresAtMs } };
    };
    const takeFrom = async (found: LeaseState | undefined): Promise<Acquired> => {
      if (found && found.owner === owner && found.token === unanswered) return gained(found, false);
      const nowMs = now();
      if (found && found.expiresAtMs > nowMs)
        return { acquired: false, retryAfterMs: found.expiresAtMs - nowMs };
      const taken = { token: (found?.token ?? 0) + 1, owner, expiresAtMs: nowMs + holdMs };
      const written = await store.write(takeWrite(at, found, taken)).catch((error: unknown) => {
        unanswered = taken.token;
        throw error;
      });
      if (written.applied) return gained(taken, typeof found?.owner === 'string');
      if (found && !written.item)
        throw new LeaseFaultError('a lease was deleted: its token would begin anew');
      return takeFrom(readLease(written.item));
    };
    return settled(async () => takeFrom(readLease(await store.read(at))));
  }

  /** Done twice it is as if done once. */
  const resent = (write: Write): Promise<Written> => settled(() => store.write(write));

  return {
    async acquire(key, { holdMs, waitMs = 0, deadline }) {
      assertWhole({ holdMs }, 1);
      assertWhole({ waitMs }, 0);
      if (deadline) assertRemaining(deadline, 0, 'acquire a lease');
      const owner = newId();
      const startedMs = now();
      let sleptMs = 0;
      for (let attempt = 1; ; attempt++) {
        const answer = await take(key, owner, holdMs);
        if (answer.acquired) return answer;
        // A clock that steps back makes nobody wait for longer than it sleeps.
        const waitedMs = Math.max(now() - startedMs, sleptMs);
        const leftMs = Math.min(waitMs - waitedMs, deadline?.remainingMs() ?? Infinity);
        if (leftMs <= 0) return answer;
        const lapsesInMs = answer.retryAfterMs + random() * baseDelayMs;
        const delayMs = Math.min(leftMs, lapsesInMs, pauseMs(attempt));
        await sleep(delayMs);
        sleptMs += delayMs;
        if (deadline && deadline.remainingMs() <= 0) return answer;
      }
    },

    async extend(lease, { holdMs }) {
      assertWhole({ holdMs }, 1);
      const heldUntilMs = Math.max(lease.heldUntilMs, now() + holdMs);
      const at = leaseAddress(table, lease.key);
      const written = await resent(extendWrite(at, lease, heldUntilMs));
      if (written.applied) return { ...lease, heldUntilMs };
      const found = readLease(written.item);
      // Still ours, and held for longer already.
      if (found?.owner === lease.owner && found.token === lease.token)
        return { ...lease, heldUntilMs: found.expiresAtMs };
      tell('lost', lease.token, 'warning');
      return undefined;
    },

    async release(lease) {
      const written = await resent(releaseWrite(leaseAddress(table, lease.key), lease));
      const found = written.applied ? undefined : readLease(written.item);
      // Released by a send whose answer was lost, and not taken since.
      const released = written.applied || (found?.owner === null && found.token === lease.token);
      tell(released ? 'released' : 'lost', lease.token, released ? 'info' : 'warning');
      return released;
    },

    guard: (lease) => holderCheck(leaseAddress(table, lease.key), lease),
  };
}
