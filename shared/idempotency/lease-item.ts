/**
 * The record of a request while it is being carried out: who does it, until when, and under which
 * key the outside is asked. It becomes the record of its answer, in place, when the work is done.
 */
import type { Address, Item, Write } from '../state/items.ts';
import { type Carrier, lapsing } from './carrier.ts';
import { InProgressError, OutcomeUnknownError, RecordFaultError } from './errors.ts';
import { parseRecord, type UnitRecord } from './record.ts';

export interface Lease {
  readonly owner: string;
  readonly fingerprint: string;
  /**
   * What was given to whoever asked first, for every later owner to ask under. It stands here, so
   * that a new version which derives another one does not ask for a second effect.
   */
  readonly outsideKey: string;
  readonly id: string;
  /** `unknown`: its owner has given up without knowing whether the effect happened. */
  readonly status: 'running' | 'unknown';
  readonly leaseUntilMs: number;
}

export type Standing =
  | { readonly is: 'free' }
  | { readonly is: 'done'; readonly fingerprint: string; readonly record: UnitRecord }
  | { readonly is: 'leased'; readonly fingerprint: string; readonly lease: Lease };

/** @throws RecordFaultError for anything else. */
export function readStanding(item: Item | undefined, nowMs: number): Standing {
  if (!item) return { is: 'free' };
  const { expiresAtMs, status, owner, fingerprint, outsideKey, id, leaseUntilMs } = item;
  if (typeof expiresAtMs !== 'number') throw new RecordFaultError('a record never lapses');
  if (expiresAtMs <= nowMs) return { is: 'free' };
  if (status === undefined) {
    const record = parseRecord(item);
    return { is: 'done', fingerprint: record.fingerprint, record };
  }
  if (
    (status === 'running' || status === 'unknown') &&
    typeof owner === 'string' &&
    typeof fingerprint === 'string' &&
    typeof outsideKey === 'string' &&
    typeof id === 'string' &&
    typeof leaseUntilMs === 'number'
  )
    return {
      is: 'leased',
      fingerprint,
      lease: { owner, fingerprint, outsideKey, id, status, leaseUntilMs },
    };
  throw new RecordFaultError('what stands at its address is no lease');
}

/** How long others have to wait before they may take it over. */
export const leaseLeftMs = ({ status, leaseUntilMs }: Lease, nowMs: number): number =>
  status === 'unknown' ? 0 : Math.max(0, leaseUntilMs - nowMs);

export const takenOver = (by: Lease, nowMs: number): InProgressError =>
  new InProgressError('another has taken the lease over', {
    retryAfterMs: leaseLeftMs(by, nowMs),
  });

interface Kept {
  readonly at: Address;
  readonly nowMs: number;
  readonly retainMs: number;
}

/** Where no record is, or a lapsed one. */
export const leaseWrite = (lease: Lease, { at, nowMs, retainMs }: Kept): Write => ({
  put: { ...lease, ...lapsing(nowMs + retainMs) },
  at,
  when: { lapsedAtMs: nowMs },
});

/** From the owner that was seen, and from nobody else: who comes later or second finds another. */
export const takeOverWrite = (
  from: Lease,
  { owner, leaseUntilMs }: Lease,
  { at, nowMs, retainMs }: Kept,
): Write => ({
  set: { owner, status: 'running', leaseUntilMs, ...lapsing(nowMs + retainMs) },
  at,
  when: heldBy(from),
});

/** Nothing is freed: it lets the next owner begin at once, under the same outside key. */
export const unknownWrite = (lease: Lease, at: Address): Write => ({
  set: { status: 'unknown' },
  at,
  when: heldBy(lease),
});

export const releaseWrite = (lease: Lease, at: Address): Write => ({
  remove: true,
  at,
  when: heldBy(lease),
});

/** The record of an answer has another owner, the commit that wrote it: so this fails for it too. */
const heldBy = ({ owner }: Lease) => ({ where: { owner: { equals: owner } } });

/** Completes the lease, for its owner only. */
export const onLease = (lease: Lease, at: Address, retainMs: number): Carrier => ({
  at,
  carry: (record, writes, nowMs) => [
    { put: { ...record, ...lapsing(nowMs + retainMs) }, at, when: heldBy(lease) },
    ...writes,
  ],
  /**
   * @throws InProgressError when the lease is another's by now
   * @throws OutcomeUnknownError when it is nobody's: another took it over, and was refused
   */
  find(item, nowMs) {
    const standing = readStanding(item, nowMs);
    if (standing.is === 'free') throw new OutcomeUnknownError('the lease is gone');
    if (standing.is === 'done') return standing.record;
    if (standing.lease.owner === lease.owner) return undefined;
    throw takenOver(standing.lease, nowMs);
  },
});
