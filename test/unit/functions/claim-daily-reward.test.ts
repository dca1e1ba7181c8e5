import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claims } from '#functions/claim-daily-reward/claim-daily-reward.ts';
import { rewardAddress } from '#functions/domain/keys.ts';
import {
  type Claim,
  dayBefore,
  dayOf,
  decideClaim,
  endOf,
  rewardMinorOf,
  rewardsMinor,
} from '#functions/domain/reward.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { memoryStore, type StoreCall } from '#shared/state/memory-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';

const dayMs = 86_400_000;
const noonMs = Date.UTC(2026, 1, 27, 12);
const by = { id: '0197a000-0000-8000-8000-000000000001', userId: 'u1' };

describe('the days of rewards', () => {
  it('begin and end at midnight UTC, leap days and years among them', () => {
    expect(dayOf(Date.UTC(2026, 0, 1) - 1)).toBe('2025-12-31');
    expect(dayOf(Date.UTC(2026, 0, 1))).toBe('2026-01-01');
    expect([dayBefore('2028-03-01'), dayBefore('2026-03-01'), dayBefore('2026-01-01')]).toEqual([
      '2028-02-29',
      '2026-02-28',
      '2025-12-31',
    ]);
  });

  it('follow each other without a gap', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
        const day = dayOf(ms);
        expect(endOf(day)).toBeGreaterThan(ms);
        expect(endOf(day) - ms).toBeLessThanOrEqual(dayMs);
        expect(dayBefore(dayOf(endOf(day)))).toBe(day);
      }),
    ));
});

describe('a streak', () => {
  it('is the number of days claimed in a row up to this one, and decides the amount', () =>
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), (days) => {
        let yesterday: Claim | undefined;
        let row = 0;
        for (const [n, comes] of days.entries()) {
          const day = dayOf(noonMs + n * dayMs);
          const decision = comes
            ? decideClaim({ today: undefined, yesterday }, { ...by, day })
            : undefined;
          row = comes ? row + 1 : 0;
          yesterday = decision && 'claim' in decision ? decision.claim : undefined;
          expect(yesterday?.streak ?? 0).toBe(row);
          if (yesterday) expect(yesterday.amountMinor).toBe(rewardMinorOf(row));
        }
      }),
    ));

  it('pays by the table, and its last row for ever after', () => {
    expect([1, 2, 7, 8, 400].map(rewardMinorOf)).toEqual([10, 15, 100, 100, 100]);
    expect(rewardsMinor.toSorted((a, b) => a - b)).toEqual([...rewardsMinor]);
  });
});

function counter({
  before = async () => undefined,
}: {
  before?: (call: StoreCall) => Promise<'conflict' | undefined>;
} = {}) {
  const clock = { nowMs: noonMs };
  const store = memoryStore({ faults: before });
  const unit = unitOfWork({ store, recordsTable: 'state', sleep: async () => {} });
  const decide = claims(() => clock.nowMs);
  const trace = newTrace();
  return {
    clock,
    store,
    claim: (user = 'u1', key: string = crypto.randomUUID()) => {
      const caller = { tenant: 'acme', user, role: 'user' } as const;
      const call = { caller, trace, requestId: 'request-1' };
      return unit.run(
        {
          key: unitKey('acme', user, 'claim', key),
          fingerprint: 'POST /rewards/daily',
          retainMs: dayMs,
          deadline: deadline({ inMs: 60_000 }),
          subject: 'claim-daily-reward',
        },
        (reader) => decide(call, reader, { id: by.id }),
      );
    },
    claimed: () => store.items('domain').map(({ sk }) => String(sk)),
    events: () => store.items('outbox'),
  };
}

describe('claiming', () => {
  it('is possible once a day: the next refusal says when, and for how long to wait', async () => {
    const { claim, clock, events } = counter();
    expect(await claim()).toMatchObject({
      how: 'committed',
      answer: { day: '2026-02-27', streak: 1, amountMinor: 10, nextAt: '2026-02-28T00:00:00.000Z' },
    });
    clock.nowMs += 3_600_000;
    expect(await claim()).toMatchObject({
      how: 'refused',
      refusal: {
        slug: 'reward-already-claimed',
        options: {
          retryAfterMs: 11 * 3_600_000,
          extensions: { day: '2026-02-27', nextAt: '2026-02-28T00:00:00.000Z' },
        },
      },
    });
    clock.nowMs += 11 * 3_600_000;
    expect(await claim()).toMatchObject({ answer: { day: '2026-02-28', streak: 2 } });
    clock.nowMs += 2 * dayMs;
    expect(await claim()).toMatchObject({ answer: { day: '2026-03-02', streak: 1 } });
    expect(events().map(({ type, aggregate }) => [type, aggregate])).toEqual([
      ['reward.claimed', 'reward/u1/2026-02-27'],
      ['reward.claimed', 'reward/u1/2026-02-28'],
      ['reward.claimed', 'reward/u1/2026-03-02'],
    ]);
  });

  it('many times at once, under many keys, is one claim', async () => {
    const { claim, claimed, events } = counter();
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => claim()));
    const committed = ends.filter(
      (end) => end.status === 'fulfilled' && end.value.how === 'committed',
    );
    expect([committed.length, claimed(), events().length]).toEqual([1, ['2026-02-27'], 1]);
  });

  it('repeated after midnight under its key replays the answer of the first day', async () => {
    const { claim, clock, claimed } = counter();
    const first = await claim('u1', 'k');
    clock.nowMs += dayMs;
    const again = await claim('u1', 'k');
    expect(again).toMatchObject({ how: 'replayed' });
    expect('answer' in again && again.answer).toEqual('answer' in first && first.answer);
    await claim('u1');
    expect(await claim('u1', 'k')).toMatchObject({ how: 'replayed', answer: { streak: 1 } });
    expect(claimed()).toEqual(['2026-02-27', '2026-02-28']);
  });

  it('runs again after midnight for the day on which it began', async () => {
    let commits = 0;
    const small: ReturnType<typeof counter> = counter({
      async before({ verb }) {
        if (verb !== 'commit' || ++commits > 1) return undefined;
        small.clock.nowMs += dayMs;
        return 'conflict';
      },
    });
    expect(await small.claim()).toMatchObject({ answer: { day: '2026-02-27' } });
    expect(small.claimed()).toEqual(['2026-02-27']);
  });

  it("counts yesterday's claim although it arrives between its reads and its commit", async () => {
    let commits = 0;
    const small: ReturnType<typeof counter> = counter({
      async before({ verb, transaction }) {
        if (verb !== 'commit') return undefined;
        const day = transaction?.writes.some(
          (write) => 'put' in write && write.put['day'] === '2026-02-28',
        );
        if (!day || ++commits > 1) return undefined;
        // A clock that is behind: this request still takes it for yesterday.
        small.clock.nowMs -= dayMs;
        await small.claim();
        return undefined;
      },
    });
    small.clock.nowMs += dayMs;
    expect(await small.claim()).toMatchObject({ answer: { day: '2026-02-28', streak: 2 } });
    expect(await small.store.read(rewardAddress('acme', 'u1', '2026-02-27'))).toMatchObject({
      streak: 1,
    });
  });

  it('is apart for each user', async () => {
    const { claim } = counter();
    for (const user of ['u1', 'u2', 'u#1', 'u1#'])
      expect(await claim(user)).toMatchObject({ how: 'committed' });
  });
});
