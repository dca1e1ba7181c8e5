/** Keeps a lease for as long as its holder works, and says when it is lost. */
import { setTimeout } from 'node:timers/promises';
import { assertWhole } from '../options/assert-numbers.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import type { Lease, Leases } from './lease.ts';

/** Somebody else has the lease, or may have it. */
export class LeaseLostError extends Error {
  override name = 'LeaseLostError';
}

export interface HeartbeatPolicy {
  /** From 3. How long others wait when the holder dies. */
  readonly holdMs: number;
  /** Time between extensions, from 1 and below `holdMs`: at a third, two of them may fail in a row. */
  readonly beatEveryMs?: number;
  /** What the lease protects, in resilience events. */
  readonly subject?: string;
  readonly listen?: Listener;
  readonly now?: () => number;
  /** Ends early, without an error, when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Heartbeat {
  /** Aborts, with a LeaseLostError, when the lease is taken over or could not be extended in time. */
  readonly signal: AbortSignal;
  /** Resolves when no extension is under way any more. */
  stop(): Promise<void>;
}

export function heartbeat(leases: Leases, { holdMs, beatEveryMs, ...parts }: HeartbeatPolicy) {
  const everyMs = beatEveryMs ?? Math.floor(holdMs / 3);
  assertWhole({ holdMs, beatEveryMs: everyMs }, 1);
  if (everyMs >= holdMs)
    throw new RangeError(`beatEveryMs must be below holdMs (${holdMs}), got ${everyMs}`);
  const { subject = 'lease', listen = silent, now = Date.now, sleep = cancellable } = parts;

  return (lease: Lease): Heartbeat => {
    const lost = new AbortController();
    const stopped = new AbortController();

    async function beat(): Promise<void> {
      for (let held = lease; ; ) {
        await sleep(everyMs, stopped.signal);
        if (stopped.signal.aborted) return;
        try {
          const extended = await leases.extend(held, { holdMs });
          if (!extended) return lost.abort(new LeaseLostError(`${lease.key} was taken over`));
          held = extended;
        } catch (error) {
          // It runs on until its end: the next beat may reach the store.
          const cause = error instanceof Error ? error.name : 'unknown';
          const facts = { token: lease.token, cause };
          listen({
            pattern: 'lease',
            happened: 'extend-failed',
            subject,
            severity: 'warning',
            facts,
          });
          if (now() >= held.heldUntilMs)
            return lost.abort(new LeaseLostError(`${lease.key} has lapsed`, { cause: error }));
        }
      }
    }

    const beating = beat();
    return {
      signal: lost.signal,
      async stop() {
        stopped.abort();
        await beating;
      },
    };
  };
}

const cancellable = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
