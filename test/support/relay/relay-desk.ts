/**
 * The relay's intake, worker, parker and reconciler, composed as their handlers do it, over any store
 * and with a target in memory.
 */
import type { EventOf } from '#functions/consumed-event.ts';
import {
  type AcceptRefusal,
  acceptJob,
  refuseWhenFull,
} from '#functions/create-relay-job/create-relay-job.ts';
import type { RelayJobView } from '#functions/domain/relay-job.ts';
import { onceByEvent } from '#functions/once-by-event.ts';
import { publish } from '#functions/publish.ts';
import { relayChanges } from '#functions/relay-changes.ts';
import { concludeDelivery, deliver } from '#functions/relay-deliver/relay-deliver.ts';
import type { Handed } from '#functions/relay-deliver/relay-target.ts';
import { relayReconciler } from '#functions/relay-reconciler/relay-reconciler.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import type { CrashHere } from '#shared/faults/crash-point.ts';
import { leasedUnitOfWork } from '#shared/idempotency/leased-unit.ts';
import { claim } from '#shared/lease/claim.ts';
import { leases } from '#shared/lease/lease.ts';
import { mutex } from '#shared/lease/mutex.ts';
import type { ItemWriter, RangeReader, TransactionStore } from '#shared/state/store.ts';
import { type Listener, silent } from '#shared/telemetry/resilience-event.ts';
import { newTrace } from '#shared/telemetry/trace.ts';

export type DeskStore = TransactionStore & ItemWriter & RangeReader;
export type Accepted = EventOf<'relay.accepted'>;

export interface RelayDeskOptions {
  readonly store: DeskStore;
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly now?: () => number;
  /** What the target does about a job; by default it takes it. */
  readonly take?: (handed: Handed) => Promise<void>;
  readonly crash?: CrashHere;
  /** Is told what the reconciler tells. */
  readonly listen?: Listener;
}

const trace = newTrace();
const quiet = {
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  listen() {},
  record() {},
};

export function relayDesk({
  store,
  random = Math.random,
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  now = Date.now,
  take = async () => {},
  crash,
  listen = silent,
}: RelayDeskOptions) {
  const unit = leasedUnitOfWork({ store, recordsTable: 'state', random, sleep });
  const changes = relayChanges({ store, random, sleep, now });
  const once = onceByEvent('relay:deliver', {
    events: ['relay.accepted'],
    store,
    effect: (event, outside) =>
      deliver(event, { target: { take }, acceptAgain: changes.acceptAgain }, outside),
    conclude: concludeDelivery,
    crash,
  });

  return {
    /** POST /relay */
    accept: (tenant: string, { key = crypto.randomUUID() as string, channel = 'news' } = {}) =>
      unit.run<undefined, RelayJobView, AcceptRefusal>(
        {
          key: `${tenant}#${key}`,
          fingerprint: channel,
          retainMs: 86_400_000,
          holdMs: 5_000,
          deadline: deadline({ inMs: 60_000 }),
          subject: 'relay',
        },
        {
          refuseEarly: (look) => refuseWhenFull(tenant, look),
          effect: async () => ({ done: undefined }),
          decide: (_, reader, deciding) =>
            acceptJob(
              { channel, body: 'x' },
              {
                tenant,
                userId: 'u1',
                nowMs: now(),
                publish: (happening) =>
                  publish(happening, { trace, correlationId: 'request', now }),
              },
              reader,
              deciding,
            ),
        },
      ),
    /** One receive of a message. */
    work: (event: Accepted, attempt = 1) =>
      once(event, { attempt, trace, scope: quiet, time: deadline({ inMs: 60_000 }) }),
    park: changes.park,
    acceptAgain: changes.acceptAgain,
    reconcile: (overdueMs: number) =>
      relayReconciler({
        store,
        claim: claim({
          mutex: mutex({
            store,
            leases: leases({ store, table: 'lease', now }),
            holdMs: 15_000,
            random,
          }),
          random,
        }),
        listen,
        overdueMs,
        now,
      })(() => true),
  };
}
