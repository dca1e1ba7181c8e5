/**
 * Advisory lock: work under a lease whose effects are *outside* DynamoDB, where nothing can check
 * the token in the same step. It makes it unlikely that two work at once, and never impossible: a
 * holder that froze wakes up and goes on until it looks at its signal. What must not happen twice
 * needs a recipient that honours a key, or refuses a token below the highest it has seen.
 */
import type { Deadline } from '../deadline/deadline.ts';
import { assertWhole } from '../options/assert-numbers.ts';
import { silent } from '../telemetry/resilience-event.ts';
import { type HeartbeatPolicy, heartbeat } from './heartbeat.ts';
import type { Lease, Leases } from './lease.ts';

export interface Held {
  readonly lease: Lease;
  /** Aborts when the lease is lost: pass it to every call, and look at it between steps. */
  readonly signal: AbortSignal;
}

export type Ran<T> =
  | { readonly ran: true; readonly result: T }
  | { readonly ran: false; readonly retryAfterMs: number };

export interface LockOptions extends HeartbeatPolicy {
  readonly leases: Leases;
  /** Longest wait for another holder, from 0. */
  readonly waitMs?: number;
}

export interface AdvisoryLock {
  /** Runs `work` while it holds the key, and frees it however `work` ends. @throws what `work` throws. */
  run<T>(
    key: string,
    work: (held: Held) => Promise<T>,
    options?: { readonly deadline?: Deadline },
  ): Promise<Ran<T>>;
}

export function advisoryLock({ leases, waitMs = 0, ...policy }: LockOptions): AdvisoryLock {
  assertWhole({ waitMs }, 0);
  const { holdMs, subject = 'lease', listen = silent } = policy;
  const beating = heartbeat(leases, policy);

  /** A lease that could not be released lapses: no reason to fail work that is done. */
  async function release(lease: Lease): Promise<void> {
    try {
      await leases.release(lease);
    } catch (error) {
      const facts = { token: lease.token, cause: error instanceof Error ? error.name : 'unknown' };
      listen({ pattern: 'lease', happened: 'release-failed', subject, severity: 'warning', facts });
    }
  }

  return {
    async run(key, work, { deadline } = {}) {
      const answer = await leases.acquire(key, { holdMs, waitMs, deadline });
      if (!answer.acquired) return { ran: false, retryAfterMs: answer.retryAfterMs };
      const { lease } = answer;
      const { signal, stop } = beating(lease);
      try {
        return { ran: true, result: await work({ lease, signal }) };
      } finally {
        await stop();
        if (!signal.aborted) await release(lease);
      }
    },
  };
}
