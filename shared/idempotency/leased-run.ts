/** One request's leased unit of work: from its lease to the record of its answer. */
import {
  assertRemaining,
  type Deadline,
  DeadlineExceededError,
  deadline as deadlineIn,
} from '../deadline/deadline.ts';
import type { Item, Value } from '../state/items.ts';
import type { ItemWriter, TransactionStore, Written } from '../state/store.ts';
import { acquire } from './acquire.ts';
import { recordAddress } from './carrier.ts';
import type { Outcome } from './decision.ts';
import {
  ContentionError,
  InProgressError,
  KeyReusedError,
  OutcomeUnknownError,
  RecordFaultError,
} from './errors.ts';
import {
  type Lease,
  onLease,
  readStanding,
  releaseWrite,
  takenOver,
  unknownWrite,
} from './lease-item.ts';
import type { LeasedRequest, LeasedWork } from './leased-work.ts';
import { Refused, runSteps } from './powertools-layer.ts';
import type { Tell } from './unit-options.ts';
import { type UnitParts, unitStore } from './unit-store.ts';

export interface LeasedParts extends UnitParts {
  readonly store: TransactionStore & ItemWriter;
  readonly maxRuns: number;
  readonly tell: Tell;
}

export async function leasedRun<E, A extends Value, R>(
  request: LeasedRequest & Pick<Lease, 'outsideKey' | 'id'>,
  { refuseEarly, effect, decide }: LeasedWork<E, A, R>,
  { recordsTable, maxRuns, tell, ...parts }: LeasedParts,
): Promise<Outcome<A, R>> {
  const { key, fingerprint, retainMs, holdMs, outsideKey, id, deadline, peek } = request;
  const { store, reserveMs, pause, now, newId } = parts;
  const unit = unitStore<A>(request, parts);
  const at = recordAddress(recordsTable, key);
  let lease: Lease | undefined;
  let end: Outcome<A, R> | undefined;
  /** What the store said when the lease was given up; undefined when it was not heard. */
  let givenUp: Written | undefined;

  async function peeked() {
    // A hint only: a peek that fails must not fail the request.
    const item = await store.read(at, { consistent: false }).catch(() => undefined);
    const standing = readStanding(item, now());
    return standing.is === 'done'
      ? { how: 'recorded' as const, record: standing.record }
      : undefined;
  }

  const taken = () =>
    acquire({
      ...parts,
      at,
      wanted: { owner: newId(), fingerprint, outsideKey, id },
      holdMs,
      retainMs,
      deadline,
    });

  /** A refusal before the lease; what stands under the key goes before it. */
  async function refusedEarly(): Promise<boolean> {
    const refusal = await refuseEarly?.(unit.freshReads().look);
    if (refusal === undefined) return false;
    assertRemaining(deadline, 0, 'read the record');
    if (readStanding(await store.read(at), now()).is !== 'free') return false;
    end = { how: 'refused', refusal };
    return true;
  }

  async function begin(): Promise<boolean> {
    if (await refusedEarly()) return true;
    const found = (peek && (await peeked())) || (await taken());
    if (found.how === 'busy')
      throw new InProgressError('another carries the request out', { retryAfterMs: found.leftMs });
    if (found.how === 'recorded') {
      end = await unit.replay(found.record);
      return true;
    }
    if (found.takenOver) tell('taken-over');
    lease = found.lease;
    return false;
  }

  async function ask(held: Lease): Promise<E> {
    const effected = await effect({
      key: held.outsideKey,
      id: held.id,
      deadline: timeOfEffect(held),
      look: unit.freshReads().look,
    });
    if ('refused' in effected) throw new Refused(effected.refused);
    return effected.done;
  }

  function timeOfEffect({ leaseUntilMs }: Lease): Deadline {
    const inMs = Math.min(leaseUntilMs - now(), deadline.remainingMs()) - reserveMs;
    if (inMs <= 0) throw new DeadlineExceededError('too little time is left to ask the outside');
    return deadlineIn({ inMs });
  }

  async function complete(held: Lease, done: E): Promise<void> {
    for (let run = 1; run <= maxRuns; run++) {
      const reads = unit.freshReads();
      const decision = await decide(done, reads, { id: held.id, key: held.outsideKey, run });
      if ('refused' in decision) throw refusalOf(decision.refused);
      const { answer, writes } = decision;
      end = await unit.commit(onLease(held, at, retainMs), answer, reads.guard(writes));
      if (end) return;
      tell('conflicted');
      if (run < maxRuns) await pause(run);
    }
    tell('gave-up', 'warning');
    throw new ContentionError(`others changed the same items ${maxRuns} times in a row`);
  }

  function refusalOf(refused: R): Error {
    const cause = new Refused(refused);
    return unit.isUncertain()
      ? new OutcomeUnknownError('an earlier write may still arrive', { cause })
      : cause;
  }

  /** A refusal frees the key; after anything else nobody knows, and the next owner asks again. */
  async function giveUp(held: Lease, error: unknown): Promise<void> {
    if (deadline.remainingMs() <= 0) return;
    const write = error instanceof Refused ? releaseWrite(held, at) : unknownWrite(held, at);
    givenUp = await store.write(write).catch(() => undefined);
  }

  /** What others have made of the request goes before what went wrong here. */
  async function ended(held: Lease, cause: unknown): Promise<Outcome<A, R>> {
    const found = readStanding(givenUp ? foundBy(givenUp) : await lookAgain(cause), now());
    if (found.is === 'done') return unit.replay(found.record);
    if (found.is === 'leased' && found.lease.owner !== held.owner)
      throw takenOver(found.lease, now());
    if (cause instanceof OutcomeUnknownError) throw cause;
    if (cause instanceof Refused) return { how: 'refused', refusal: cause.refusal as R };
    throw new OutcomeUnknownError('the effect may have happened', { cause });
  }

  async function lookAgain(cause: unknown): Promise<Item | undefined> {
    try {
      assertRemaining(deadline, 0, 'read the record');
      return await store.read(at);
    } catch {
      throw new OutcomeUnknownError('the record could not be read', { cause });
    }
  }

  const holding = (): Lease => {
    if (!lease) throw new Error('Powertools went on without a lease');
    return lease;
  };
  let gaveUp = false;
  try {
    await runSteps<E>({
      begin,
      perform: () => ask(holding()),
      complete: (done) => complete(holding(), done),
      release(error) {
        gaveUp = true;
        return giveUp(holding(), error);
      },
    });
  } catch (error) {
    if (!lease || isFinal(error)) throw error;
    if (!gaveUp) await giveUp(lease, error);
    return ended(lease, error);
  }
  if (!end) throw new Error('the unit of work ended without a commit');
  return end;
}

const foundBy = (written: Written): Item | undefined =>
  written.applied ? undefined : written.item;

/** What others have made of the request: there is nothing to give up. */
const isFinal = (error: unknown): boolean =>
  error instanceof InProgressError ||
  error instanceof KeyReusedError ||
  error instanceof RecordFaultError;
