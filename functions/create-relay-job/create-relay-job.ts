/** POST /relay: a job, if there is a place for it. */
import type { Decision } from '#shared/idempotency/decision.ts';
import type { Deciding } from '#shared/idempotency/leased-work.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Write } from '#shared/state/items.ts';
import { relayJobAddress } from '../domain/keys.ts';
import {
  acceptWrites,
  type RelayJob,
  type RelayJobView,
  type RelayPayload,
  relayAggregate,
  relaySlots,
  toRelayJobView,
} from '../domain/relay-job.ts';
import type { Happening } from '../publish.ts';
import { retryWhenBusyMs, retryWhenFullMs } from '../tables/relay.ts';

export interface AcceptedBy {
  readonly tenant: string;
  readonly userId: string;
  readonly nowMs: number;
  readonly publish: (happening: Happening<'relay.accepted'>) => Write;
}

export type AcceptRefusal =
  | { readonly because: 'relay-full'; readonly retryAfterMs: number }
  /** The key made a job once, and the record of that has lapsed. */
  | { readonly because: 'idempotency-key-reused' };

/** Runs beyond the first, for whoever meets others at the counter. */
const maxReruns = 2;

/** One read, before anything is written: most of those who come too many cost no more. */
export async function refuseWhenFull(
  tenant: string,
  look: UnitReader['look'],
): Promise<AcceptRefusal | undefined> {
  const { at, capacity, standing } = relaySlots(tenant);
  if (standing(await look(at)).free > 0) return undefined;
  return { because: 'relay-full', retryAfterMs: retryWhenFullMs(capacity) };
}

/** What the first run does without was looked at just before it. */
export async function acceptJob(
  payload: RelayPayload,
  { tenant, userId, nowMs, publish }: AcceptedBy,
  { look }: Pick<UnitReader, 'look'>,
  { id, run }: Pick<Deciding, 'id' | 'run'>,
): Promise<Decision<RelayJobView, AcceptRefusal>> {
  if (run > 1) {
    if (await look(relayJobAddress(tenant, id)))
      return { refused: { because: 'idempotency-key-reused' } };
    const refused = await refuseWhenFull(tenant, look);
    if (refused) return { refused };
  }
  if (run > 1 + maxReruns)
    return { refused: { because: 'relay-full', retryAfterMs: retryWhenBusyMs } };
  const acceptedAt = new Date(nowMs).toISOString();
  const status = 'accepted' as const;
  const job: RelayJob = { id, tenant, userId, status, version: 1, ...payload, acceptedAt };
  const accepted = {
    type: 'relay.accepted',
    tenant,
    aggregate: relayAggregate(id),
    seq: job.version,
    data: { jobId: id, userId },
  } as const;
  return { answer: toRelayJobView(job), writes: [...acceptWrites(job), publish(accepted)] };
}
