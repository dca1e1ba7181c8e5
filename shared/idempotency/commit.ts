/**
 * One commit of a unit of work, settled: sent until its outcome is known, and read from the record
 * where the answer does not tell.
 */
import { assertRemaining, type Deadline } from '../deadline/deadline.ts';
import type { Item, Write } from '../state/items.ts';
import { type Committed, TransactionInvalidError, type TransactionStore } from '../state/store.ts';
import type { Carrier } from './carrier.ts';
import { OutcomeUnknownError } from './errors.ts';
import type { UnitRecord } from './record.ts';

export type Settled =
  | { readonly how: 'committed' }
  /** Another commit's record stands under the key. */
  | { readonly how: 'recorded'; readonly record: UnitRecord }
  /** Nothing was written: what the use case read has changed, or the store was busy. */
  | { readonly how: 'contended' };

export interface CommitPolicy {
  readonly store: TransactionStore;
  /** Time that must be left before the first send, in milliseconds. */
  readonly reserveMs: number;
  readonly maxSends: number;
  readonly pause: (attempt: number) => Promise<void>;
}

export interface CommitOptions extends CommitPolicy {
  readonly carrier: Carrier;
  readonly record: UnitRecord;
  readonly writes: readonly Write[];
  readonly nowMs: number;
  readonly deadline: Deadline;
  /** Called once, when a send ended with an unknown outcome: it may still arrive later. */
  readonly onUncertain: () => void;
}

/**
 * @throws DeadlineExceededError before anything was sent
 * @throws RecordFaultError when what stands under the key is no record
 * @throws TransactionInvalidError when the writes themselves are wrong
 * @throws OutcomeUnknownError when no answer came, or the record could not be read
 */
export async function settleCommit(options: CommitOptions): Promise<Settled> {
  const { carrier, record, nowMs, deadline } = options;
  assertRemaining(deadline, options.reserveMs, 'commit');

  const committed = await send(options);
  if (committed?.applied) return { how: 'committed' };

  const [own] = committed?.refusals ?? [];
  const found = carrier.find(
    own?.because === 'condition' && own.item ? own.item : await readItem(options),
    nowMs,
  );
  if (found?.owner === record.owner) return { how: 'committed' };
  if (found) return { how: 'recorded', record: found };
  if (!committed) throw new OutcomeUnknownError('no answer to the write, and no record of it yet');
  return { how: 'contended' };
}

async function readItem({ store, carrier, deadline }: CommitOptions): Promise<Item | undefined> {
  try {
    assertRemaining(deadline, 0, 'read the record');
    return await store.read(carrier.at);
  } catch (cause) {
    throw new OutcomeUnknownError('the record could not be read', { cause });
  }
}

/**
 * Sends the same transaction under the same token until it is answered; undefined when it never was.
 * Built once: DynamoDB takes a resend only if it is identical.
 */
async function send({
  store,
  carrier,
  record,
  writes,
  nowMs,
  deadline,
  maxSends,
  pause,
  onUncertain,
}: CommitOptions): Promise<Committed | undefined> {
  const transaction = { token: record.owner, writes: carrier.carry(record, writes, nowMs) };
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.commit(transaction);
    } catch (error) {
      // The first send may have been good even if a later one is refused as invalid.
      if (attempt === 1 && error instanceof TransactionInvalidError) throw error;
      if (attempt === 1) onUncertain();
      if (attempt === maxSends || deadline.remainingMs() <= 0) return undefined;
      await pause(attempt);
    }
  }
}
