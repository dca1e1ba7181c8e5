/** What one request's unit of work does with its store, whatever its mode: read, commit, replay. */
import { assertRemaining } from '../deadline/deadline.ts';
import type { Value, Write } from '../state/items.ts';
import type { Carrier } from './carrier.ts';
import { type CommitPolicy, settleCommit } from './commit.ts';
import type { Outcome, UnitRequest } from './decision.ts';
import { hashOf, toAnswerText, type UnitRecord } from './record.ts';
import { firstAnswer } from './replay.ts';
import { type TrackedReads, trackedReads } from './tracked-reads.ts';

export interface UnitParts extends CommitPolicy {
  readonly recordsTable: string;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface UnitStore<A> {
  freshReads(): TrackedReads;
  /** The record under the key, if it stands. */
  recorded(carrier: Carrier, consistent: boolean): Promise<UnitRecord | undefined>;
  /** @throws KeyReusedError, RecordFaultError */
  replay(record: UnitRecord): Promise<Outcome<A, never>>;
  /** Undefined when others got in its way and nothing was written. Throws as `settleCommit` does. */
  commit(
    carrier: Carrier,
    answer: A,
    writes: readonly Write[],
  ): Promise<Outcome<A, never> | undefined>;
  /** Whether a send ended without an answer: it may still arrive. */
  isUncertain(): boolean;
}

export function unitStore<A extends Value>(
  request: Pick<UnitRequest, 'fingerprint' | 'rebuild' | 'deadline'>,
  { now, newId, ...policy }: Omit<UnitParts, 'recordsTable'>,
): UnitStore<A> {
  const { fingerprint, rebuild, deadline } = request;
  const { store } = policy;
  let uncertain = false;

  const freshReads = () =>
    trackedReads((address) => {
      assertRemaining(deadline, 0, 'read');
      return store.read(address);
    });

  const replay = async (record: UnitRecord): Promise<Outcome<A, never>> => ({
    how: 'replayed',
    answer: await firstAnswer<A>(request, record, freshReads()),
  });

  return {
    freshReads,
    replay,
    async recorded(carrier, consistent) {
      assertRemaining(deadline, 0, 'read the record');
      return carrier.find(await store.read(carrier.at, { consistent }), now());
    },
    async commit(carrier, answer, writes) {
      const text = toAnswerText(answer);
      // New writes, new owner and token: whoever finds the record knows which commit wrote it.
      const owner = newId();
      const settled = await settleCommit({
        ...policy,
        carrier,
        record: {
          fingerprint,
          owner,
          ...(rebuild ? { answerHash: hashOf(answer) } : { answer: text }),
        },
        writes,
        nowMs: now(),
        deadline,
        onUncertain() {
          uncertain = true;
        },
      });
      if (settled.how === 'contended') return undefined;
      if (settled.how === 'recorded') return replay(settled.record);
      return { how: 'committed', answer };
    },
    isUncertain: () => uncertain,
  };
}
