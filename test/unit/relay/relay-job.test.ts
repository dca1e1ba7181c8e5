/** Every write of a relay job, in any order and on stale reads: a slot for each accepted job, and no other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relayJobAddress, relaySlotsAddress } from '#functions/domain/keys.ts';
import {
  acceptAgainWrites,
  acceptWrites,
  isOverdue,
  isParked,
  parkWrites,
  type RelayJob,
  readRelayJob,
  relayJobStatuses,
  relaySlots,
  settleWrites,
  toRelayJobItem,
  toRelayJobView,
} from '#functions/domain/relay-job.ts';
import { functions } from '#functions/tables/functions.ts';
import { queues } from '#functions/tables/queues.ts';
import {
  relayBound,
  relayOverdueMs,
  relayShares,
  retryWhenFullMs,
} from '#functions/tables/relay.ts';
import { demoTenants } from '#functions/tables/tiers.ts';
import { stages } from '#infra/config.ts';
import { giveBackAt } from '#shared/bounded-queue/slots.ts';
import type { Write } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { retryDelayMs } from '#shared/worker/verdict.ts';

const toJob = (tenant: string, id: number): RelayJob => ({
  id: `0197a000-0000-7000-8000-${String(id).padStart(12, '0')}`,
  tenant,
  userId: 'u1',
  status: 'accepted',
  version: 1,
  channel: 'news',
  body: 'x',
  acceptedAt: '2026-01-01T00:00:00.000Z',
});

/** By a table that had no share for its tenant, or one for a tenant that has none today. */
const acceptedBefore = (job: RelayJob): readonly Write[] => {
  const share = relayShares.of(job.tenant).tenant === undefined ? job.tenant : '';
  return [
    {
      put: toRelayJobItem({ ...job, share }),
      at: relayJobAddress(job.tenant, job.id),
      when: { absent: true },
    },
    { add: { taken: 1 }, at: relaySlotsAddress(share) },
  ];
};

const verbs = {
  accept: acceptWrites,
  'accept before the table was changed': acceptedBefore,
  'accept again': (job: RelayJob) => (isParked(job) ? acceptAgainWrites(job, 0) : []),
  park: parkWrites,
  deliver: (job: RelayJob) => settleWrites(job, 'delivered'),
  fail: (job: RelayJob) => settleWrites(job, 'failed'),
} satisfies Record<string, (job: RelayJob) => readonly Write[]>;

const isFirst = (verb: keyof typeof verbs): boolean =>
  verb === 'accept' || verb === 'accept before the table was changed';

const step = fc.record({
  verb: fc.constantFrom(...(Object.keys(verbs) as (keyof typeof verbs)[])),
  tenant: fc.constantFrom('initech', 'initech', 'hooli', 'umbrella'),
  id: fc.nat(6),
  /** Decided on the job as it was so many of its changes ago. */
  staleBy: fc.nat(2),
  /** The answer is lost, and the same transaction sent again. */
  twice: fc.boolean(),
});

describe('a job of the relay', () => {
  it('has a slot while it is accepted and never else, whoever decides on whatever old reading', {
    timeout: 30_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 80, maxLength: 120 }), async (steps) => {
        const store = memoryStore();
        const history = new Map<string, RelayJob[]>();
        for (const [nth, { verb, tenant, id, staleBy, twice }] of steps.entries()) {
          const fresh = toJob(tenant, id);
          const before = history.get(tenant + id) ?? [];
          const seen = before.at(-1 - staleBy) ?? before[0];
          const job = isFirst(verb) ? fresh : seen;
          const writes = job ? verbs[verb](job) : [];
          if (writes.length === 0) continue;
          for (let send = twice ? 2 : 1; send > 0; send--)
            await store.commit({ token: `t${nth}`, writes });
          const now = readRelayJob(await store.read(relayJobAddress(tenant, fresh.id)));
          if (now && now.version !== before.at(-1)?.version)
            history.set(tenant + id, [...before, now]);

          const jobs = store.items('domain').filter((item) => 'status' in item);
          for (const item of jobs) expect('share' in item).toBe(item['status'] === 'accepted');
          const own = jobs.filter(({ share }) => share === 'initech').length;
          expect(own).toBeLessThanOrEqual(relaySlots('initech').capacity);
          for (const owner of ['initech', '', 'hooli', 'umbrella'])
            expect((await store.read(relaySlotsAddress(owner)))?.['taken'] ?? 0).toBe(
              jobs.filter(({ share }) => share === owner).length,
            );
        }
      }),
      { numRuns: 40 },
    );
  });

  it('takes a slot of the share that its tenant has today, in whose share it ever was', () => {
    const parked = { ...toJob('initech', 1), status: 'parked' as const, share: 'hooli' };
    const [accepted, place] = acceptWrites({ ...toJob('initech', 1), share: 'hooli' });
    const [again, newPlace] = acceptAgainWrites(parked, 0);
    for (const write of [accepted, again])
      expect(write).toMatchObject({ put: { share: 'initech' } });
    for (const write of [place, newPlace]) expect(write).toEqual(relaySlots('initech').take);
    expect(acceptWrites(toJob('hooli', 1))[0]).toMatchObject({ put: { share: '' } });
  });

  it('gives its slot back where it was taken, whatever the table says today', () => {
    for (const share of ['', 'globex', 'nobody-any-more']) {
      const job = { ...toJob('acme', 1), share };
      const back = giveBackAt(relaySlotsAddress(share));
      expect([parkWrites(job)[1], settleWrites(job, 'delivered')[1]]).toEqual([back, back]);
    }
  });

  it('does not leave without a word of whose share its slot is', () => {
    expect(() => parkWrites(toJob('acme', 1))).toThrow(TypeError);
    expect(() => toRelayJobItem(toJob('acme', 1))).toThrow('names no share');
  });

  it('does not show callers whose share it is in', () => {
    expect(toRelayJobView({ ...toJob('acme', 1), share: 'acme' })).not.toHaveProperty('share');
  });

  it('stands in the list of accepted jobs while it is one', async () => {
    const job = toJob('acme', 1);
    const [made] = acceptWrites(job);
    const [parked] = parkWrites({ ...job, share: 'acme' });
    expect(made).toMatchObject({ put: { listPk: expect.any(String), listSk: expect.any(String) } });
    expect(parked).not.toHaveProperty('put.listPk');
    expect(parked).toMatchObject({ put: { status: 'parked', version: 2 } });
  });

  it('is accepted again as of now: it is not overdue at once', () => {
    const parked = { ...toJob('acme', 1), status: 'parked' as const };
    const [again] = acceptAgainWrites(parked, Date.UTC(2026, 5, 1));
    expect(again).toMatchObject({
      put: { status: 'accepted', version: 2, acceptedAt: '2026-06-01T00:00:00.000Z' },
    });
  });

  it('is never changed again when it has ended', () => {
    for (const status of ['delivered', 'failed'] as const) {
      const job = { ...toJob('acme', 1), status };
      expect([parkWrites(job), settleWrites(job, 'delivered')]).toEqual([[], []]);
    }
  });

  it('is overdue from the bound on, if it is accepted', () => {
    const job = toJob('acme', 1);
    const nowMs = Date.parse(job.acceptedAt) + 1_000;
    expect(isOverdue(job, { nowMs, afterMs: 1_000 })).toBe(true);
    expect(isOverdue(job, { nowMs, afterMs: 1_001 })).toBe(false);
    for (const status of relayJobStatuses.filter((other) => other !== 'accepted'))
      expect(isOverdue({ ...job, status }, { nowMs, afterMs: 0 })).toBe(false);
  });
});

describe('the table of the relay', () => {
  it('has shares that come to no more than its bound', () => {
    const sum = relayShares.all.reduce((total, { capacity }) => total + capacity, 0);
    expect(sum).toBeLessThanOrEqual(relayBound);
    for (const tenant of Object.keys(demoTenants))
      expect(relayShares.of(tenant).tenant).toBe(tenant);
  });

  it.each(Object.entries(stages))(
    'parks nothing in %s that its queue may still bring, each receive a crash',
    (_, { visibilityFactor }) => {
      const row = queues['relay:deliver'];
      const { timeoutMs } = functions['relay-deliver'];
      const receives = row.maxAttempts + 1;
      const hiddenMs = receives * visibilityFactor * timeoutMs;
      const delaysMs = Array.from({ length: row.maxAttempts }, (__, nth) =>
        retryDelayMs(nth + 1, row, () => 1),
      ).reduce((sum, delayMs) => sum + delayMs, 0);
      // At each receive all others may be before it, and each of their tries hang.
      const waitMs = (receives * relayBound * row.tryMs) / row.maxConcurrency;
      expect(hiddenMs + delaysMs + waitMs).toBeLessThan(relayOverdueMs);
    },
  );

  it('tells whoever finds a share full to wait until it is drained, at the usual pace', () => {
    expect([1, 5, 40].map(retryWhenFullMs)).toEqual([500, 1_500, 10_000]);
  });
});
