/**
 * Unit of work: a use case's writes, its events and the record that makes a repeated request
 * harmless, in one transaction. Nothing is written before it, so nothing needs to be cleaned up
 * after a crash: either all of it happened, under this key, or nothing did.
 *
 * The guard is the record's condition. Token and owner only make the answer after a lost
 * acknowledgement cheaper and clearer.
 *
 * Keys and status codes follow draft-ietf-httpapi-idempotency-key-header-07; unlike it, only
 * successes are retained: a refusal leaves no trace and may be asked again.
 */
import { assertRemaining, type Deadline, DeadlineExceededError } from '../deadline/deadline.ts';
import type { Value, Write } from '../state/items.ts';
import type { TransactionStore } from '../state/store.ts';
import { type Listener, silent } from '../telemetry/resilience-event.ts';
import { settleCommit } from './commit.ts';
import { ContentionError, KeyReusedError, OutcomeUnknownError } from './errors.ts';
import { runSteps } from './powertools-layer.ts';
import { readRecord, recordAddress, toAnswerText, type UnitRecord } from './record.ts';
import { trackedReads, type UnitReader } from './tracked-reads.ts';

/** What a use case decides: to refuse, leaving no trace, or to answer and write. */
export type Decision<A, R> =
  | { readonly refused: R }
  | { readonly answer: A; readonly writes: readonly Write[] };

export type Outcome<A, R> =
  | { readonly how: 'committed' | 'replayed'; readonly answer: A }
  | { readonly how: 'refused'; readonly refusal: R };

export interface UnitRequest {
  /** From `unitKey`: two requests under one key are one request. */
  readonly key: string;
  /** From `fingerprint`: the same key with another fingerprint is a mistake of the caller. */
  readonly fingerprint: string;
  /** How long a repeated request gets the first answer, in milliseconds. */
  readonly retainMs: number;
  /** Look for an earlier answer first (eventually consistent). A miss decides nothing. */
  readonly peek?: boolean;
  readonly deadline: Deadline;
  /** The route or consumer, for resilience events. */
  readonly subject: string;
}

export interface UnitOfWork {
  /**
   * Runs `useCase` to an outcome. It may run several times, each on fresh reads, and must do nothing
   * but read and decide (an effect outside must honour a key derived from the request's).
   *
   * @throws KeyReusedError, OutcomeUnknownError, ContentionError, DeadlineExceededError, or what the
   * use case threw; the last only after a look that no earlier answer exists.
   */
  run<A extends Value, R>(
    request: UnitRequest,
    useCase: (reader: UnitReader) => Promise<Decision<A, R>>,
  ): Promise<Outcome<A, R>>;
}

export interface UnitOfWorkOptions {
  readonly store: TransactionStore;
  /** The role of the table that holds the records. */
  readonly recordsTable: string;
  readonly listen?: Listener;
  /** Runs of the use case when others change what it read, the first included. From 1. */
  readonly maxRuns?: number;
  /** Sends of one transaction whose answer is lost, the first included. From 1. */
  readonly maxSends?: number;
  /** Time the commit needs, in milliseconds: with less left it does not start. */
  readonly reserveMs?: number;
  /** First pause between tries, in milliseconds; doubles, with full jitter. */
  readonly baseDelayMs?: number;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly newId?: () => string;
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Ends a run of Powertools' wrapper without a commit; it never leaves this file. */
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

/** A write that may still arrive leaves no room for "nothing was written". */
const afterUncertainSend = (error: unknown): unknown =>
  error instanceof ContentionError || error instanceof DeadlineExceededError
    ? new OutcomeUnknownError('an earlier write may still arrive', { cause: error })
    : error;

export function unitOfWork({
  store,
  recordsTable,
  listen = silent,
  maxRuns = 4,
  maxSends = 3,
  reserveMs = 500,
  baseDelayMs = 20,
  now = Date.now,
  random = Math.random,
  newId = () => crypto.randomUUID(),
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: UnitOfWorkOptions): UnitOfWork {
  for (const [name, value] of Object.entries({ maxRuns, maxSends }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1, got ${value}`);
  for (const [name, value] of Object.entries({ reserveMs, baseDelayMs }))
    if (!Number.isFinite(value) || value < 0)
      throw new RangeError(`${name} must be a number from 0, got ${value}`);

  const pause = (attempt: number) => sleep(random() * baseDelayMs * 2 ** (attempt - 1));

  return {
    async run<A extends Value, R>(
      request: UnitRequest,
      useCase: (reader: UnitReader) => Promise<Decision<A, R>>,
    ): Promise<Outcome<A, R>> {
      const { deadline, subject } = request;
      const at = recordAddress(recordsTable, request.key);
      let uncertain = false;

      const tell = (happened: string, severity: 'info' | 'warning' = 'info') =>
        listen({ pattern: 'idempotency', happened, subject, severity });

      const replay = (record: UnitRecord): Outcome<A, R> => {
        if (record.fingerprint !== request.fingerprint)
          throw new KeyReusedError('the key was used for another request');
        return { how: 'replayed', answer: JSON.parse(record.answer) as A };
      };

      async function recorded(consistent: boolean): Promise<UnitRecord | undefined> {
        assertRemaining(deadline, 0, 'read the record');
        return readRecord(await store.read(at, { consistent }), now());
      }

      async function commit(
        answer: A,
        writes: readonly Write[],
      ): Promise<Outcome<A, R> | undefined> {
        const nowMs = now();
        const settled = await settleCommit({
          store,
          at,
          writes,
          nowMs,
          deadline,
          reserveMs,
          maxSends,
          pause,
          record: {
            fingerprint: request.fingerprint,
            owner: newId(),
            answer: toAnswerText(answer),
            expiresAtMs: nowMs + request.retainMs,
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
      async function lastLook<T>(otherwise: () => T, cause: unknown): Promise<T | Outcome<A, R>> {
        const record = await recorded(true).catch((error: unknown) => {
          if (error instanceof DeadlineExceededError)
            throw new DeadlineExceededError(error.message, { cause });
          throw new OutcomeUnknownError('the record could not be read', { cause });
        });
        if (record) return replay(record);
        if (uncertain)
          throw new OutcomeUnknownError('an earlier write may still arrive', { cause });
        return otherwise();
      }

      /** One run of the use case; undefined when others got in its way. */
      async function runOnce(mayPeek: boolean): Promise<Outcome<A, R> | undefined> {
        let end: { readonly outcome: Outcome<A, R> | undefined } | undefined;
        let failure: { readonly error: unknown } | undefined;
        const reads = trackedReads((address) => {
          assertRemaining(deadline, 0, 'read');
          return store.read(address);
        });
        const keep = async <T>(work: () => Promise<T>): Promise<T> => {
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
              keep(async () => {
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
              keep(async () => {
                end = { outcome: await commit(answer, reads.guard(writes)) };
              }),
          });
        } catch (caught) {
          const error = failure ? failure.error : caught;
          if (isFinal(error)) throw error;
          return lastLook(() => {
            if (!(error instanceof Refused)) throw error;
            return { how: 'refused', refusal: error.refusal as R } as const;
          }, error);
        }
        if (!end) throw new Error('the unit of work ended without a commit');
        return end.outcome;
      }

      try {
        for (let attempt = 1; attempt <= maxRuns; attempt++) {
          const outcome = await runOnce(attempt === 1 && request.peek === true);
          if (outcome) {
            tell(outcome.how);
            return outcome;
          }
          tell('conflicted');
          if (attempt < maxRuns) await pause(attempt);
        }
        throw new ContentionError(`others changed the same items ${maxRuns} times in a row`);
      } catch (error) {
        const end = uncertain ? afterUncertainSend(error) : error;
        if (end instanceof OutcomeUnknownError) tell('unknown', 'warning');
        throw end;
      }
    },
  };
}
