/**
 * A store of the relay, watched. Of each job it is known from when to when it was accepted for certain:
 * from the answer to the commit that accepted it, to the sending of the next one that takes it out. So
 * what is counted here at any moment is never more than what is true, and more than the bound convicts.
 */
import { type RelayJob, readRelayJob } from '#functions/domain/relay-job.ts';
import { relayShares } from '#functions/tables/relay.ts';
import type { DomainEvent } from '#shared/outbox/event.ts';
import { readPendingEvent } from '#shared/outbox/outbox-items.ts';
import type { Committed, Transaction } from '#shared/state/store.ts';
import type { DeskStore } from './relay-desk.ts';

const everyone = 'all';
export const shareOf = (tenant: string): string => relayShares.of(tenant).tenant ?? 'others';

interface Known {
  job: RelayJob;
  /** Commits on their way that may take it out. */
  leaving: number;
}

export function watched(store: DeskStore, onEvent: (event: DomainEvent) => void) {
  const jobs = new Map<string, Known>();
  const most = new Map<string, number>();

  function count(): void {
    const now = new Map<string, number>();
    for (const { job, leaving } of jobs.values())
      if (job.status === 'accepted' && leaving === 0)
        for (const of of [everyone, shareOf(job.tenant)]) now.set(of, (now.get(of) ?? 0) + 1);
    for (const [of, sum] of now) most.set(of, Math.max(sum, most.get(of) ?? 0));
  }

  const jobsIn = ({ writes }: Transaction): readonly RelayJob[] =>
    writes.flatMap((write) =>
      'put' in write && write.at.key['sk'] === 'relay-job' ? (readRelayJob(write.put) ?? []) : [],
    );

  async function commit(transaction: Transaction): Promise<Committed> {
    const written = jobsIn(transaction);
    const leaving = written.flatMap(({ id }) => jobs.get(id) ?? []);
    for (const known of leaving) known.leaving++;
    try {
      const committed = await store.commit(transaction);
      if (committed.applied) {
        for (const job of written) {
          const known = jobs.get(job.id);
          if (!known) jobs.set(job.id, { job, leaving: 0 });
          else if (known.job.version < job.version) known.job = job;
        }
        for (const write of transaction.writes)
          if ('put' in write && write.at.table === 'outbox') {
            const event = readPendingEvent({ ...write.put, ...write.at.key })?.event;
            if (event) onEvent(event);
          }
      }
      return committed;
    } finally {
      for (const known of leaving) known.leaving--;
      count();
    }
  }

  return {
    store: { ...store, commit } satisfies DeskStore,
    /** Names of all jobs that were ever accepted. */
    names: () => [...jobs.values()].map(({ job: { tenant, id } }) => ({ tenant, id })),
    /** The most that were accepted at once, for certain: of a share, or of all. */
    mostAtOnce: (share: string = everyone) => most.get(share) ?? 0,
  };
}
