/**
 * A job of the relay: a message that the service hands to a target outside. While it is *accepted*,
 * and only then, it holds a slot of its tenant's share; every write here that brings it into that state
 * or out of it moves the slot as well. Whose share that was stands in the job: tenants may have another
 * one by the time it leaves.
 */
import * as z from 'zod';
import { giveBackAt, slots } from '#shared/bounded-queue/slots.ts';
import type { Item, Write } from '#shared/state/items.ts';
import { relayShares } from '../tables/relay.ts';
import { relayJobAddress, relayListKey, relaySlotsAddress } from './keys.ts';

export const relayJobStatuses = ['accepted', 'delivered', 'failed', 'parked'] as const;

export const relayJobId = z.uuid().toLowerCase();

/** What is to be handed on. */
export const relayPayload = z.strictObject({
  channel: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, { error: 'must be 1 to 32 of a-z, 0-9 and -, a letter first' })
    .meta({ description: 'Where the target is to bring it.' }),
  body: z.string().min(1).max(2_000).meta({ description: 'What it is to bring.' }),
});

export type RelayPayload = z.infer<typeof relayPayload>;

/** What callers see. */
export const relayJobView = z
  .strictObject({
    id: z.uuid(),
    status: z.enum(relayJobStatuses).meta({
      description:
        'accepted until the target has taken it (delivered) or will not have it (failed); parked when it was given up, for an operator to look at.',
    }),
    version: z.int().min(1).meta({ description: 'Grows with each change; it is the ETag.' }),
    ...relayPayload.shape,
    acceptedAt: z.iso.datetime().meta({ description: 'When it took its place in the queue.' }),
  })
  .meta({ id: 'RelayJob' });

export type RelayJobView = z.infer<typeof relayJobView>;

const relayJobItem = relayJobView.extend({
  tenant: z.string(),
  userId: z.string(),
  /** Of whose share its slot is, while it has one: a tenant, or '' for the share of all others. */
  share: z.string().optional(),
});

export type RelayJob = z.infer<typeof relayJobItem>;

/** @throws ZodError for an item that is no job: a fault of ours, never a missing job. */
export const readRelayJob = (item: Item | undefined): RelayJob | undefined =>
  item && relayJobItem.strip().parse(item);

export const toRelayJobView = ({
  tenant: _,
  userId: __,
  share: ___,
  ...view
}: RelayJob): RelayJobView => view;

export const relayAggregate = (id: string): string => `relay/${id}`;

/**
 * Only accepted jobs have a slot, and stand in the reconciler's list.
 * @throws TypeError for one of them that names no share
 */
export const toRelayJobItem = ({ share, ...job }: RelayJob): Item => ({
  ...job,
  ...(job.status === 'accepted' && { share: named(share), ...relayListKey(job) }),
});

function named(share: string | undefined): string {
  if (share === undefined) throw new TypeError('an accepted job that names no share');
  return share;
}

/** The slots of the share that a tenant has today, or has with others. */
export function relaySlots(tenant: string) {
  const share = relayShares.of(tenant);
  return slots({ at: relaySlotsAddress(share.tenant), capacity: share.capacity });
}

const inTodaysShare = (job: RelayJob): RelayJob => ({
  ...job,
  share: relayShares.of(job.tenant).tenant ?? '',
});

/** Where it was taken, whatever the table says by now. */
const giveSlotBack = ({ share }: RelayJob): Write => giveBackAt(relaySlotsAddress(named(share)));

/** A new job, and its slot. */
export const acceptWrites = (job: RelayJob): readonly Write[] => [
  {
    put: toRelayJobItem(inTodaysShare(job)),
    at: relayJobAddress(job.tenant, job.id),
    when: { absent: true },
  },
  relaySlots(job.tenant).take,
];

/** Of the job as it was read; only if it still is so. */
const changeWrite = (from: RelayJob, to: RelayJob): Write => ({
  put: toRelayJobItem(to),
  at: relayJobAddress(from.tenant, from.id),
  when: { where: { status: { equals: from.status }, version: { equals: from.version } } },
});

const changed = (job: RelayJob, change: Partial<RelayJob>): RelayJob => ({
  ...job,
  ...change,
  version: job.version + 1,
});

type ParkedJob = RelayJob & { readonly status: 'parked' };

export const isParked = (job: RelayJob): job is ParkedJob => job.status === 'parked';

/** Parked because it was overdue or given up, it is tried once more: in a slot like any other. */
export function acceptAgainWrites(job: ParkedJob, nowMs: number): readonly Write[] {
  const acceptedAt = new Date(nowMs).toISOString();
  const again = inTodaysShare(changed(job, { status: 'accepted', acceptedAt }));
  return [changeWrite(job, again), relaySlots(job.tenant).take];
}

/** The job is given up: its slot is another's. Nothing to write for one that is not accepted. */
export const parkWrites = (job: RelayJob): readonly Write[] =>
  job.status === 'accepted'
    ? [changeWrite(job, changed(job, { status: 'parked' })), giveSlotBack(job)]
    : [];

/**
 * What the target made of it. It may have been parked while the target was at it: then its slot was
 * given back at that time. Nothing to write for one that has ended.
 */
export function settleWrites(job: RelayJob, status: 'delivered' | 'failed'): readonly Write[] {
  if (hasEnded(job)) return [];
  const change = changeWrite(job, changed(job, { status }));
  return job.status === 'accepted' ? [change, giveSlotBack(job)] : [change];
}

/** The target has taken it, or will not have it: nothing ever happens to it again. */
export const hasEnded = ({ status }: RelayJob): boolean =>
  status === 'delivered' || status === 'failed';

export const isOverdue = (
  { status, acceptedAt }: RelayJob,
  { nowMs, afterMs }: { readonly nowMs: number; readonly afterMs: number },
): boolean => status === 'accepted' && Date.parse(acceptedAt) + afterMs <= nowMs;
