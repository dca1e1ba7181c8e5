/** Takes the lease of a request, or finds who has it, or the answer that it has led to. */
import { assertRemaining, type Deadline } from '../deadline/deadline.ts';
import type { Address, Write } from '../state/items.ts';
import type { ItemWriter, Written } from '../state/store.ts';
import { ContentionError, KeyReusedError } from './errors.ts';
import { type Lease, leaseLeftMs, leaseWrite, readStanding, takeOverWrite } from './lease-item.ts';
import type { UnitRecord } from './record.ts';

export type Acquired =
  | { readonly how: 'held'; readonly lease: Lease; readonly takenOver: boolean }
  | { readonly how: 'recorded'; readonly record: UnitRecord }
  | { readonly how: 'busy'; readonly leftMs: number };

export interface AcquireOptions {
  readonly store: ItemWriter;
  readonly at: Address;
  /** As it is written where none stands. */
  readonly wanted: Omit<Lease, 'status' | 'leaseUntilMs'>;
  readonly holdMs: number;
  readonly retainMs: number;
  readonly deadline: Deadline;
  readonly maxSends: number;
  readonly now: () => number;
  readonly pause: (attempt: number) => Promise<void>;
}

/** Moves of others that a taker follows: one may lapse, be released or taken over in between. */
const maxMoves = 5;

/**
 * @throws KeyReusedError when another request has the key
 * @throws ContentionError when the lease changed hands at every look
 * @throws what the store threw, when it never answered: the lease may be taken, and lapses by itself
 */
export async function acquire(options: AcquireOptions): Promise<Acquired> {
  const { at, wanted, holdMs, retainMs, deadline, now } = options;
  let from: Lease | undefined;

  for (let move = 1; move <= maxMoves; move++) {
    const nowMs = now();
    const kept = { at, nowMs, retainMs };
    const lease: Lease = {
      ...(from ?? wanted),
      owner: wanted.owner,
      status: 'running',
      leaseUntilMs: nowMs + Math.floor(Math.min(holdMs, deadline.remainingMs())),
    };
    const takenOver = from !== undefined;
    const written = await answered(
      options,
      from ? takeOverWrite(from, lease, kept) : leaseWrite(lease, kept),
    );
    if (written.applied) return { how: 'held', lease, takenOver };

    const standing = readStanding(written.item, nowMs);
    if (standing.is !== 'free' && standing.fingerprint !== wanted.fingerprint)
      throw new KeyReusedError('the key was used for another request');
    if (standing.is === 'done') return { how: 'recorded', record: standing.record };
    from = standing.is === 'leased' ? standing.lease : undefined;
    if (!from) continue;
    // An earlier send of ours, whose answer was lost.
    if (from.owner === wanted.owner) return { how: 'held', lease: from, takenOver };
    const leftMs = leaseLeftMs(from, nowMs);
    if (leftMs > 0) return { how: 'busy', leftMs };
  }
  throw new ContentionError(`the lease changed hands ${maxMoves} times in a row`);
}

/** Sent again, a write that was done fails its condition, and shows that the lease is ours. */
async function answered(
  { store, deadline, maxSends, pause }: AcquireOptions,
  write: Write,
): Promise<Written> {
  for (let attempt = 1; ; attempt++) {
    assertRemaining(deadline, 0, 'take the lease');
    try {
      return await store.write(write);
    } catch (error) {
      if (attempt === maxSends) throw error;
      await pause(attempt);
    }
  }
}
