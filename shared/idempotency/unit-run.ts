/** One request's unit of work: the record under its key, and what its runs know of each other. */
import { assertRemaining, DeadlineExceededError } from '../deadline/deadline.ts';
import type { Value, Write } from '../state/items.ts';
import { type CommitPolicy, settleCommit } from './commit.ts';
import type { Decision, Outcome, UnitRequest } from './decision.ts';
import { KeyReusedError, OutcomeUnknownError } from './errors.ts';
import { runSteps } from './powertools-layer.ts';
import { readRecord, recordAddress, toAnswerText, type UnitRecord } from './record.ts';
import { trackedReads, type UnitReader } from './tracked-reads.ts';

export interface UnitParts extends CommitPolicy {
  readonly recordsTable: string;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface UnitRun<A, R> {
  /** One run of the use case, on fresh reads; undefined when others got in its way. */
  once(
    useCase: (reader: UnitReader) => Promise<Decision<A, R>>,
    mayPeek: boolean,
  ): Promise<Outcome<A, R> | undefined>;
  /** Whether a send ended without an answer: it may still arrive. */
  isUncertain(): boolean;
}

export function unitRun<A extends Value, R>(
  { key, fingerprint, retainMs, deadline }: UnitRequest,
  { recordsTable, now, newId, ...policy }: UnitParts,
): UnitRun<A, R> {
  const { store } = policy;
  const at = recordAddress(recordsTable, key);
  let uncertain = false;

  function replay(record: UnitRecord): Outcome<A, R> {
    if (record.fingerprint !== fingerprint)
      throw new KeyReusedError('the key was used for another request');
    return { how: 'replayed', answer: JSON.parse(record.answer) as A };
  }

  async function recorded(consistent: boolean): Promise<UnitRecord | undefined> {
    assertRemaining(deadline, 0, 'read the record');
    return readRecord(await store.read(at, { consistent }), now());
  }

  async function commit(answer: A, writes: readonly Write[]): Promise<Outcome<A, R> | undefined> {
    const nowMs = now();
    const settled = await settleCommit({
      ...policy,
      at,
      writes,
      nowMs,
      deadline,
      record: {
        fingerprint,
        owner: newId(),
        answer: toAnswerText(answer),
        expiresAtMs: nowMs + retainMs,
      },
      onUncertain() {
        uncertain = true;
      },
    });
    if (settled.how === 'contended') return undefined;
    return settled.how === 'committed' ? { how: 'committed', answer } : replay(settled.record);
  }

  /**
   * The last look before a refusal or a throw leaves: a request that was carried out before must
   * hear its answer, not that it has become impossible.
   */
  async function lastLook(cause: unknown): Promise<Outcome<A, R>> {
    const record = await recorded(true).catch((error: unknown) => {
      if (error instanceof DeadlineExceededError)
        throw new DeadlineExceededError(error.message, { cause });
      throw new OutcomeUnknownError('the record could not be read', { cause });
    });
    if (record) return replay(record);
    if (uncertain) throw new OutcomeUnknownError('an earlier write may still arrive', { cause });
    if (cause instanceof Refused) return { how: 'refused', refusal: cause.refusal as R };
    throw cause;
  }

  return {
    async once(useCase, mayPeek) {
      const reads = trackedReads((address) => {
        assertRemaining(deadline, 0, 'read');
        return store.read(address);
      });
      // What happened is kept here: Powertools wraps errors of its store, and returns the function's
      // own result whatever the store said.
      let end: { readonly outcome: Outcome<A, R> | undefined } | undefined;
      let failure: { readonly error: unknown } | undefined;
      const kept = async <T>(work: () => Promise<T>): Promise<T> => {
        try {
          return await work();
        } catch (error) {
          failure = { error };
          throw error;
        }
      };
      try {
        await runSteps<Extract<Decision<A, R>, { answer: A }>>({
          begin: () =>
            kept(async () => {
              // A hint only: a peek that fails must not fail the request.
              const record = mayPeek ? await recorded(false).catch(() => undefined) : undefined;
              if (record) end = { outcome: replay(record) };
              return record !== undefined;
            }),
          async perform() {
            const decision = await useCase(reads);
            if ('refused' in decision) throw new Refused(decision.refused);
            return decision;
          },
          complete: ({ answer, writes }) =>
            kept(async () => {
              end = { outcome: await commit(answer, reads.guard(writes)) };
            }),
        });
      } catch (caught) {
        const error = failure ? failure.error : caught;
        if (isFinal(error)) throw error;
        return lastLook(error);
      }
      if (!end) throw new Error('the unit of work ended without a commit');
      return end.outcome;
    },
    isUncertain: () => uncertain,
  };
}

/** Ends a run of Powertools' wrapper without a commit; it leaves as a value, or as a cause. */
class Refused<R> extends Error {
  readonly refusal: R;
  constructor(refusal: R) {
    super('refused');
    this.refusal = refusal;
  }
}

/** Errors that say all there is to say; after any other the record is looked at once more. */
const isFinal = (error: unknown): boolean =>
  error instanceof KeyReusedError ||
  error instanceof OutcomeUnknownError ||
  error instanceof DeadlineExceededError;
