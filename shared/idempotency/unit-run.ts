/** One request's unit of work: the record under its key, and what its runs know of each other. */
import { DeadlineExceededError } from '../deadline/deadline.ts';
import type { Value } from '../state/items.ts';
import { onEntity, ownItem, recordAddress } from './carrier.ts';
import type { Decision, Outcome, UnitRequest } from './decision.ts';
import { KeyReusedError, OutcomeUnknownError, RecordFaultError } from './errors.ts';
import { Refused, runSteps } from './powertools-layer.ts';
import type { UnitReader } from './tracked-reads.ts';
import { type UnitParts, unitStore } from './unit-store.ts';

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
  request: UnitRequest,
  { recordsTable, ...parts }: UnitParts,
): UnitRun<A, R> {
  const unit = unitStore<A>(request, parts);
  const carrier =
    request.entityAt === undefined
      ? ownItem(recordAddress(recordsTable, request.key), request.retainMs)
      : onEntity(request.entityAt);

  /**
   * The last look before a refusal or a throw leaves: a request that was carried out before must
   * hear its answer, not that it has become impossible.
   */
  async function lastLook(cause: unknown): Promise<Outcome<A, R>> {
    const record = await unit.recorded(carrier, true).catch((error: unknown) => {
      if (error instanceof RecordFaultError) throw error;
      if (error instanceof DeadlineExceededError)
        throw new DeadlineExceededError(error.message, { cause });
      throw new OutcomeUnknownError('the record could not be read', { cause });
    });
    if (record) return unit.replay(record);
    if (unit.isUncertain())
      throw new OutcomeUnknownError('an earlier write may still arrive', { cause });
    if (cause instanceof Refused) return { how: 'refused', refusal: cause.refusal as R };
    throw cause;
  }

  return {
    async once(useCase, mayPeek) {
      const reads = unit.freshReads();
      let end: { readonly outcome: Outcome<A, R> | undefined } | undefined;
      try {
        await runSteps<Extract<Decision<A, R>, { answer: A }>>({
          async begin() {
            // A hint only: a peek that fails must not fail the request.
            const record = mayPeek
              ? await unit.recorded(carrier, false).catch(() => undefined)
              : undefined;
            if (record) end = { outcome: await unit.replay(record) };
            return record !== undefined;
          },
          async perform() {
            const decision = await useCase(reads);
            if ('refused' in decision) throw new Refused(decision.refused);
            return decision;
          },
          async complete({ answer, writes }) {
            end = { outcome: await unit.commit(carrier, answer, reads.guard(writes)) };
          },
        });
      } catch (error) {
        if (isFinal(error)) throw error;
        return lastLook(error);
      }
      if (!end) throw new Error('the unit of work ended without a commit');
      return end.outcome;
    },
    isUncertain: unit.isUncertain,
  };
}

/** Errors that say all there is to say; after any other the record is looked at once more. */
const isFinal = (error: unknown): boolean =>
  error instanceof KeyReusedError ||
  error instanceof OutcomeUnknownError ||
  error instanceof RecordFaultError ||
  error instanceof DeadlineExceededError;
