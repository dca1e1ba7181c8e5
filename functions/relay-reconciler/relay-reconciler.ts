/**
 * Parks jobs that have been accepted for too long: those whose message was lost, purged or has lapsed,
 * and whose slot nobody else would ever give back.
 */
import type { Claim } from '#shared/lease/claim.ts';
import type { Guarded } from '#shared/lease/mutex.ts';
import type { Item } from '#shared/state/items.ts';
import type { ItemReader, RangeReader } from '#shared/state/store.ts';
import { type Listener, silent } from '#shared/telemetry/resilience-event.ts';
import { relayJobAddress, relayListPartition, relayListShards } from '../domain/keys.ts';
import { isOverdue, parkWrites, type RelayJob, readRelayJob } from '../domain/relay-job.ts';
import { listSweep, type Swept } from '../list-sweep.ts';
import { takenOfShares } from '../relay-shares.ts';
import { relayOverdueMs } from '../tables/relay.ts';

export interface RelayReconcilerOptions {
  readonly store: ItemReader & RangeReader;
  /** Shards of the list of accepted jobs are its parts. */
  readonly claim: Claim;
  readonly listen?: Listener;
  readonly overdueMs?: number;
  readonly now?: () => number;
}

/** @throws AggregateError when a shard could not be swept. */
export function relayReconciler({
  store,
  claim,
  listen = silent,
  overdueMs = relayOverdueMs,
  now = Date.now,
}: RelayReconcilerOptions): (hasTime: () => boolean) => Promise<Swept> {
  const overdue = (job: RelayJob) => isOverdue(job, { nowMs: now(), afterMs: overdueMs });

  async function park({ tenant, id }: RelayJob, { commit }: Guarded): Promise<boolean> {
    const job = readRelayJob(await store.read(relayJobAddress(tenant, id)));
    // The list is a little behind: it may have ended, or been accepted anew.
    if (!job || !overdue(job)) return false;
    const { applied } = await commit(parkWrites(job));
    const tell = (happened: string) =>
      listen({
        pattern: 'bounded-queue',
        happened,
        subject: 'relay',
        severity: 'warning',
        facts: { jobId: id, acceptedForMs: now() - Date.parse(job.acceptedAt) },
      });
    if (applied) tell('slot-reclaimed');
    else if (await stillStands(job)) tell('slot-not-reclaimed');
    return applied;
  }

  /** Nobody else ended it: its counter was busy, or says that none is taken, at every run again. */
  async function stillStands({ tenant, id, version }: RelayJob): Promise<boolean> {
    const job = readRelayJob(await store.read(relayJobAddress(tenant, id)));
    return job?.version === version;
  }

  return listSweep({
    store,
    claim,
    shards: Array.from({ length: relayListShards }, (_, shard) => relayListPartition(shard)),
    async sweepOne(item: Item, held) {
      const listed = readRelayJob(item);
      if (!listed || !overdue(listed)) return 'early';
      return (await park(listed, held)) ? 'swept' : 'changed';
    },
  });
}

/** Slots taken, of all shares. @throws TypeError for an item that is no counter. */
export const slotsTaken = async (store: ItemReader): Promise<number> =>
  (await takenOfShares(store)).reduce((sum, { taken }) => sum + taken, 0);
