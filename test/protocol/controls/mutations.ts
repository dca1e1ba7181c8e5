/** Mistakes that are easily made, each one passage of the real code away. */
import { compact } from '../scenarios/compact.ts';
import { deferred } from '../scenarios/deferred.ts';
import { leaseScenarios } from '../scenarios/lease.ts';
import { leased } from '../scenarios/leased.ts';
import { outboxes } from '../scenarios/outbox.ts';
import { workerScenarios, workerScenariosOfTwo } from '../scenarios/worker.ts';
import type { Scenario } from '../scheduler/execute.ts';
import type { Mutation } from './mutant.ts';

export interface Mistake extends Mutation {
  /** The trace that convicts it is kept under this name. */
  readonly slug: string;
  readonly mistake: string;
  /** The promise that it breaks. */
  readonly never: string;
  /** Where it shows. */
  readonly scenario: Scenario;
}

function named(scenarios: readonly Scenario[], name: string): Scenario {
  const scenario = scenarios.find((each) => each.name === name);
  if (!scenario) throw new Error(`no scenario is named '${name}'`);
  return scenario;
}

const unitRun = 'shared/idempotency/unit-run.ts';
const carrier = 'shared/idempotency/carrier.ts';
const leaseItem = 'shared/idempotency/lease-item.ts';

export const mistakes: readonly Mistake[] = [
  {
    slug: 'no-last-look',
    mistake: 'no look at the record before a refusal leaves',
    file: unitRun,
    passage: 'return lastLook(error);',
    instead: `if (error instanceof Refused) return { how: 'refused', refusal: error.refusal as R };
        return lastLook(error);`,
    never: 'a refusal for a request that was carried out',
    scenario: named(deferred, 'deferred, all the money twice under one key'),
  },
  {
    slug: 'refusal-after-uncertain-send',
    mistake: 'a refusal although an earlier send may still arrive',
    file: unitRun,
    passage: 'if (unit.isUncertain())',
    instead: 'if (false)',
    never: 'a refusal, or "nothing was written", after an uncertain send',
    scenario: named(deferred, 'deferred, the last piece while stock comes and goes'),
  },
  {
    slug: 'record-only-where-none-is',
    mistake: 'the record written only where none is, lapsed ones included',
    file: carrier,
    passage: 'return [{ put, at, when: { lapsedAtMs: nowMs } }, ...writes];',
    instead: 'return [{ put, at, when: { absent: true } }, ...writes];',
    never: 'an answer never given',
    scenario: named(deferred, 'deferred, a key used again when its record has lapsed'),
  },
  {
    slug: 'lapsed-record-trusted',
    mistake: 'a lapsed record trusted for as long as the store keeps it',
    file: carrier,
    passage: 'return expiresAtMs > nowMs ? parseRecord(item) : undefined;',
    instead: 'return parseRecord(item);',
    never: 'a 2xx without a commit',
    scenario: named(
      deferred,
      'deferred, a key used again twice when its record has lapsed, peeking',
    ),
  },
  {
    slug: 'record-without-condition',
    mistake: 'the record written whatever stands there',
    file: carrier,
    passage: 'return [{ put, at, when: { lapsedAtMs: nowMs } }, ...writes];',
    instead: 'return [{ put, at }, ...writes];',
    never: 'two effects for one key',
    scenario: named(deferred, 'deferred, a create twice under one key'),
  },
  {
    slug: 'commit-without-reads',
    mistake: 'a commit that does not depend on what was read',
    file: unitRun,
    passage: 'reads.guard(writes)',
    instead: 'writes',
    never: 'accounts in a state that no order gives',
    scenario: named(deferred, 'deferred, two keys that each count on the other account'),
  },
  {
    slug: 'fingerprint-not-compared',
    mistake: 'the fingerprint not compared',
    file: 'shared/idempotency/replay.ts',
    passage: 'if (record.fingerprint !== fingerprint)',
    instead: 'if (false)',
    never: 'an answer to another payload',
    scenario: named(compact, 'compact, two payloads under one key'),
  },
  {
    slug: 'completion-without-owner',
    mistake: 'a leased unit completed by whoever comes',
    file: leaseItem,
    passage: '{ put: { ...record, ...lapsing(nowMs + retainMs) }, at, when: heldBy(lease) },',
    instead: '{ put: { ...record, ...lapsing(nowMs + retainMs) }, at },',
    never: 'a late owner overwriting or deleting the record of another',
    scenario: named(leased, 'leased, a payment twice under one key'),
  },
  {
    slug: 'release-without-owner',
    mistake: 'a lease freed by whoever was refused',
    file: leaseItem,
    passage: `  remove: true,
  at,
  when: heldBy(lease),`,
    instead: `  remove: true,
  at,`,
    never: "a refused duplicate freeing a running owner's lease",
    scenario: named(leased, 'leased, a payment that is declined, twice under one key'),
  },
  {
    slug: 'ledger-before-send',
    mistake: 'the ledger written before the events are sent',
    file: 'shared/outbox/hand-on.ts',
    passage: 'const itemOf = new Map(read.map(({ item }) => [nameOf(item), item]));',
    instead: `const itemOf = new Map(read.map(({ item }) => [nameOf(item), item]));
    for (const [bucket, items] of Map.groupBy(read, ({ item }) => bucketOfItem(item)))
      if (bucket !== undefined)
        await ledgerFailure(
          bucket,
          items.map((entry) => ({ ...entry, handed: { how: 'sent', event: entry.event } }) as Done),
        );`,
    never: 'an event lost',
    scenario: named(
      outboxes,
      'outbox, relay and sweeper at the same events, on a stream that does not come again',
    ),
  },
  {
    slug: 'ack-before-commit',
    mistake: 'a message acknowledged before its effect is committed',
    file: 'shared/worker/worker.ts',
    passage: 'result: await handle() };',
    instead: 'result: handle().catch(() => {}) as never };',
    never: 'a message gone without effect or dead letter',
    scenario: named(workerScenarios, 'worker, one message'),
  },
  {
    slug: 'ack-before-letter',
    mistake: 'a message acknowledged though its dead letter was not taken',
    file: 'shared/worker/worker.ts',
    passage: 'return failure === undefined;',
    instead: 'return true;',
    never: 'a message gone without effect or dead letter',
    scenario: named(workerScenarios, 'worker, a message whose work always fails'),
  },
  {
    slug: 'older-over-newer',
    mistake: 'what is kept of an event written whatever is kept by then',
    file: 'shared/worker/last-seq.ts',
    passage: 'when: kept ? { where: { lastSeq: { below: seq } } } : { absent: true },',
    instead: '',
    never: 'an older event overwriting a newer effect',
    scenario: named(
      workerScenariosOfTwo,
      'worker, two events of one aggregate, one at a time to two workers',
    ),
  },
  {
    slug: 'guard-without-token',
    mistake: 'a guard that asks whether there is a lease, not whose',
    file: 'shared/lease/lease-item.ts',
    passage: '({ check: heldBy(holder), at });',
    instead: '({ check: { where: { token: { atLeast: 1 } } }, at });',
    never: 'a protected write by a holder whose lease was taken over',
    scenario: named(leaseScenarios, 'lease, two holders'),
  },
];

/** What is not needed: the record's condition is the guard, whatever names the commit. */
export const harmless: Mutation = {
  file: 'shared/idempotency/commit.ts',
  passage: 'return await store.commit(transaction);',
  instead: 'return await store.commit({ ...transaction, token: transaction.token + attempt });',
};
