/** Mistakes that are easily made, each one passage of the real code away. */
import { compact } from '../scenarios/compact.ts';
import { deferred } from '../scenarios/deferred.ts';
import { leaseScenarios } from '../scenarios/lease.ts';
import { leased } from '../scenarios/leased.ts';
import {
  leasedTokenScenarios,
  limiterScenarios,
  limiterScenariosByState,
  limiterScenariosOfOneMemory,
} from '../scenarios/limiter.ts';
import { outboxes } from '../scenarios/outbox.ts';
import { rotations } from '../scenarios/rotation.ts';
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
const tokenBucket = 'shared/rate-limit/token-bucket.ts';
const bucketItem = 'shared/rate-limit/bucket-item.ts';
const leasedBucket = 'shared/rate-limit/leased-bucket.ts';
const bucket = 'shared/rate-limit/bucket.ts';
const rotation = 'shared/secrets/rotation.ts';

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
  {
    slug: 'plain-refund',
    mistake: 'all of a take given back, what has come back by itself too',
    file: bucket,
    passage: 'Math.max(0, cost * refillEveryMs - Math.max(0, sinceTakenMs));',
    instead: 'cost * refillEveryMs;',
    never: 'more admitted in a window than capacity and refill',
    scenario: named(limiterScenarios, 'limiter, tokens given back late beside another caller'),
  },
  {
    slug: 'refund-by-a-clock-set-back',
    mistake: 'a clock that was set back gives back more than was taken',
    file: bucket,
    passage: 'Math.max(0, sinceTakenMs)',
    instead: 'sinceTakenMs',
    never: 'more admitted in a window than capacity and refill',
    scenario: named(
      limiterScenariosByState,
      'limiter, tokens given back by a clock that was set back',
    ),
  },
  {
    slug: 'verdict-remembered',
    mistake: 'a verdict remembered instead of the number',
    file: tokenBucket,
    passage: 'if (!fits(policy, fullAtMs, asked)) return refusal(policy, fullAtMs, asked);',
    instead: `if (!fits(policy, fullAtMs, asked)) {
        seen.learn(key, { fullAtMs: Infinity, writes: Infinity, atMs: nowMs }, seen.begin());
        return refusal(policy, fullAtMs, asked);
      }`,
    never: 'a refusal while there is room',
    scenario: named(limiterScenarios, 'limiter, a dear call and cheap ones beside it'),
  },
  {
    slug: 'memory-trusted-for-ever',
    mistake: 'a number that was seen trusted for ever',
    file: tokenBucket,
    passage: 'ageMs >= trustMs || ',
    instead: '',
    never: 'a refusal while there is room',
    scenario: named(limiterScenarios, 'limiter, tokens given back beside a caller who remembers'),
  },
  {
    slug: 'refund-not-remembered',
    mistake: 'who gives back goes on by the number from before',
    file: tokenBucket,
    passage:
      'if (backMs > 0) await send(key, refundWrite(backMs, { at: addressOf(key), nowMs }), nowMs);',
    instead:
      'if (backMs > 0) await store.write(refundWrite(backMs, { at: addressOf(key), nowMs }));',
    never: 'a refusal while there is room',
    scenario: named(limiterScenarios, 'limiter, tokens given back at once beside another caller'),
  },
  {
    slug: 'failed-condition-as-yes',
    mistake: 'a failed condition taken for a yes where what came back has room',
    file: tokenBucket,
    passage: 'if (applied)',
    instead: 'if (applied || fits(policy, fullAtMs, asked))',
    never: 'more admitted in a window than capacity and refill',
    scenario: named(limiterScenarios, 'limiter, two callers of a bucket in use'),
  },
  {
    slug: 'fault-as-yes',
    mistake: 'a call that was lost taken for a yes',
    file: tokenBucket,
    passage: 'await store.write(write, { returnItem: true });',
    instead: `await store
        .write(write, { returnItem: true })
        .catch(() => ({ applied: true, item: undefined }));`,
    never: 'a fault that looks like an answer',
    scenario: named(limiterScenarios, 'limiter, two callers of a bucket in use'),
  },
  {
    slug: 'idle-without-condition',
    mistake: 'a bucket taken for full whatever stands there',
    file: bucketItem,
    passage: 'when: { absentOr: { fullAtMs: { below: nowMs + 1 } } },',
    instead: '',
    never: 'more admitted in a window than capacity and refill',
    scenario: named(limiterScenarios, 'limiter, two callers of a bucket in use'),
  },
  {
    slug: 'busy-one-token-too-far',
    mistake: 'one token more than fits taken of a bucket in use',
    file: bucketItem,
    passage: 'below: roomUntilMs(policy, nowMs, cost) + 1',
    instead: 'below: roomUntilMs(policy, nowMs, cost) + 1 + policy.refillEveryMs',
    never: 'more admitted in a window than capacity and refill',
    scenario: named(limiterScenarios, 'limiter, two callers of a bucket in use'),
  },
  {
    slug: 'older-answer-over-newer',
    mistake: 'whatever answer comes last taken for the newest',
    file: 'shared/rate-limit/seen.ts',
    passage: 'if (last && begunAt < last.heardAt && seen.writes < last.writes) return;',
    instead: '',
    never: 'a refusal while there is room',
    scenario: named(
      limiterScenariosOfOneMemory,
      'limiter, tokens given back beside a slow answer of the same environment',
    ),
  },
  {
    slug: 'leased-tokens-not-set-aside',
    mistake: 'leased tokens handed out while they count for a dearer call',
    file: leasedBucket,
    passage: 'if (last) last.tokens = 0;',
    instead: '',
    never: 'a token used that was not drawn',
    scenario: named(
      leasedTokenScenarios,
      'leased tokens, calls of one environment together, and another environment',
    ),
  },
  {
    slug: 'leased-tokens-for-ever',
    mistake: 'leased tokens that never lapse',
    file: 'shared/rate-limit/lease-of-tokens.ts',
    passage: 'nowMs >= fromMs && nowMs - fromMs < holdMs;',
    instead: 'nowMs >= fromMs;',
    never: 'a leased token used after its lease',
    scenario: named(leasedTokenScenarios, 'leased tokens, two environments, while time passes'),
  },
  {
    slug: 'finished-untested',
    mistake: 'a version made current because others should have tested it',
    file: rotation,
    passage: `await test(version);
    if (await secret.promote`,
    instead: 'if (await secret.promote',
    never: 'a current version that was not tested',
    scenario: named(rotations, 'rotation, beside somebody who finishes it too early'),
  },
  {
    slug: 'promoted-over-the-next',
    mistake: 'a version made current in the place of whichever is by now',
    file: rotation,
    passage: "if ((await secret.look()).current === version) return 'kept';",
    instead: `const { current: now } = await secret.look();
    if (now === version || (await secret.promote(version, now))) return 'kept';`,
    never: 'an older version current again',
    scenario: named(rotations, 'rotation, and the next one beside it'),
  },
  {
    slug: 'rotated-once-more',
    mistake: 'a rotation that is done carried out once more',
    file: rotation,
    passage: "if (current === version) return 'kept';",
    instead: '',
    never: 'the version before not accepted any more',
    scenario: named(rotations, 'rotation, its steps twice beside each other'),
  },
];

/** What is not needed: the record's condition is the guard, whatever names the commit. */
export const harmless: Mutation = {
  file: 'shared/idempotency/commit.ts',
  passage: 'return await store.commit(transaction);',
  instead: 'return await store.commit({ ...transaction, token: transaction.token + attempt });',
};
