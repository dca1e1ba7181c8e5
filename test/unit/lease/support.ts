/** Leases on a clock that only a test moves, over a store in which a call can be made to fail. */
import { type Acquired, type Lease, type LeasesOptions, leases } from '#shared/lease/lease.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';

export function leasing(options: Partial<LeasesOptions> = {}) {
  const clock = { nowMs: 1_000_000 };
  const faults: { next?: (call: StoreCall) => Fault | Error | undefined } = {};
  const calls: string[] = [];
  const store = memoryStore({
    now: () => clock.nowMs,
    faults(call) {
      calls.push(call.verb);
      const fault = faults.next?.(call);
      if (fault instanceof Error) throw fault;
      return fault;
    },
  });
  const events: ResilienceEvent[] = [];
  const slept: number[] = [];
  let made = 0;
  const held = leases({
    store,
    table: 'lease',
    now: () => clock.nowMs,
    random: () => 0.5,
    newId: () => `holder-${++made}`,
    async sleep(ms) {
      slept.push(ms);
      clock.nowMs += ms;
    },
    listen: (event) => events.push(event),
    ...options,
  });
  return { clock, store, calls, faults, events, slept, leases: held };
}

export function gained(answer: Acquired): Lease {
  if (!answer.acquired) throw new Error(`held for another ${answer.retryAfterMs} ms`);
  return answer.lease;
}

/** Fails the calls of a kind in this order; the others go through. */
export function inOrder(verb: StoreCall['verb'], ...outcomes: (Fault | Error | undefined)[]) {
  return (call: StoreCall) => (call.verb === verb ? outcomes.shift() : undefined);
}
