/** An accepted job, handed to the target; and its slot given back with the record of that. */
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Write } from '#shared/state/items.ts';
import { PermanentFault, RecipientFault } from '#shared/worker/faults.ts';
import type { EventOf } from '../consumed-event.ts';
import type { Done, Outside } from '../consumer.ts';
import { relayJobAddress } from '../domain/keys.ts';
import {
  hasEnded,
  isParked,
  type RelayJob,
  readRelayJob,
  settleWrites,
} from '../domain/relay-job.ts';
import type { RelayChanges } from '../relay-changes.ts';
import type { RelayTarget } from './relay-target.ts';

type Accepted = EventOf<'relay.accepted'>;

/** A parked job has come back, and its tenant's share has no place for it now. */
export class RelayFullError extends Error {
  override name = 'RelayFullError';
}

export interface DeliverPorts extends Pick<RelayChanges, 'acceptAgain'> {
  readonly target: RelayTarget;
}

/** That the target will not have it is a result, not a failure. */
export async function deliver(
  event: Accepted,
  { target, acceptAgain }: DeliverPorts,
  { key, look, trace, deadline }: Outside,
): Promise<Done> {
  const { tenant, data } = event;
  const { jobId } = data;
  const job = await jobOf(event, look);
  // By whom, if its event was not: an operator, who sent a copy of the event.
  if (hasEnded(job)) return { outcome: 'done', job: job.status };
  if (isParked(job) && (await acceptAgain({ tenant, jobId })) === 'full')
    throw new RelayFullError('the share of its tenant is full');
  const { channel, body } = job;
  try {
    await target.take({ key, jobId, channel, body }, { trace, deadline });
  } catch (error) {
    if (error instanceof RecipientFault) return { outcome: 'undeliverable', reason: 'refused' };
    throw error;
  }
  return { outcome: 'done' };
}

export async function concludeDelivery(
  event: Accepted,
  { outcome }: Done,
  { look }: Pick<UnitReader, 'look'>,
): Promise<readonly Write[]> {
  const job = await jobOf(event, look);
  return settleWrites(job, outcome === 'undeliverable' ? 'failed' : 'delivered');
}

async function jobOf({ tenant, data }: Accepted, look: UnitReader['look']): Promise<RelayJob> {
  const job = readRelayJob(await look(relayJobAddress(tenant, data.jobId)));
  if (!job) throw new PermanentFault('relay-job-missing');
  return job;
}
