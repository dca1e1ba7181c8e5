import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { couponCode } from '#functions/domain/coupon.ts';
import { couponAddress, couponLeftAddress, redemptionAddress } from '#functions/domain/keys.ts';
import {
  decideRedemption,
  readForRedemption,
  takeOne,
} from '#functions/redeem-coupon/redeem-coupon.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { type Fault, memoryStore, type StoreCall } from '#shared/state/memory-store.ts';

const tenant = 'acme';
const nowMs = Date.UTC(2026, 0, 1, 12);
const code = 'TEN';
const coupon = {
  version: 1,
  code,
  amountMinor: 1_000,
  currency: 'EUR',
  expiresAt: new Date(nowMs + 1).toISOString(),
};
const by = { id: '0197a000-0000-8000-8000-000000000001', userId: 'u1', nowMs };

describe('a redemption', () => {
  const seen = { coupon, left: { left: 1 }, redeemed: false };

  it('is worth what the coupon says', () => {
    expect(decideRedemption(seen, by)).toEqual({
      redemption: {
        id: by.id,
        version: 1,
        userId: 'u1',
        code,
        amountMinor: 1_000,
        currency: 'EUR',
        redeemedAt: '2026-01-01T12:00:00.000Z',
      },
    });
  });

  it.each([
    ['for a code that nobody made', { ...seen, coupon: undefined }, nowMs, 'not-found'],
    ['a second time', { ...seen, redeemed: true }, nowMs, 'coupon-already-redeemed'],
    [
      'a second time, after all',
      { left: { left: 0 }, coupon, redeemed: true },
      nowMs + 9,
      'coupon-already-redeemed',
    ],
    ['from its end on', seen, nowMs + 1, 'coupon-expired'],
    ['when none is left', { ...seen, left: { left: 0 } }, nowMs, 'coupon-exhausted'],
    [
      'when nobody said how many there are',
      { ...seen, left: undefined },
      nowMs,
      'coupon-exhausted',
    ],
  ])('is refused %s', (_, what, at, refused) => {
    expect(decideRedemption(what, { ...by, nowMs: at })).toEqual({ refused });
  });

  it('takes its code in capitals or not, and no other characters', () => {
    expect(couponCode.parse('welcome-10')).toBe('WELCOME-10');
    for (const not of ['', 'ab', 'ß-TEN', 'A B C', 'a#b', 'x'.repeat(33), 'TEN\n', 'ſCODE'])
      expect([not, couponCode.safeParse(not).success]).toEqual([not, false]);
  });
});

function desk({ left, faults }: { left: number; faults?: (call: StoreCall) => Fault | undefined }) {
  const store = memoryStore(faults ? { faults } : {});
  const unit = unitOfWork({ store, recordsTable: 'state', sleep: async () => {} });
  return {
    store,
    async open() {
      await store.write({ put: coupon, at: couponAddress(tenant, code) });
      await store.write({ put: { left }, at: couponLeftAddress(tenant, code) });
    },
    redeem: (user: string, key: string = crypto.randomUUID()) =>
      unit.run(
        {
          key: unitKey(tenant, user, 'redeem', key),
          fingerprint: code,
          retainMs: 60_000,
          deadline: deadline({ inMs: 60_000 }),
          subject: 'redeem-coupon',
        },
        async (reader) => {
          const seen = await readForRedemption({ tenant, user }, code, reader);
          const decision = decideRedemption(seen, { ...by, userId: user });
          if ('refused' in decision) return { refused: decision.refused };
          const { id } = decision.redemption;
          return {
            answer: { id },
            writes: [
              {
                put: { ...decision.redemption },
                at: redemptionAddress(tenant, code, user),
                when: { absent: true },
              },
              takeOne(tenant, code),
            ],
          };
        },
      ),
    redemptions: () => store.items('domain').filter(({ sk }) => sk === 'redemption'),
    left: async () => (await store.read(couponLeftAddress(tenant, code)))?.['left'],
  };
}

describe('a coupon', () => {
  it('is redeemed by as many users as there are, however many want it, sent twice and in any weather', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(6),
        fc.array(fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7'), { maxLength: 25 }),
        fc.infiniteStream(
          fc.constantFrom<Fault | undefined>(
            ...([undefined, undefined, 'conflict', 'lose-answer', 'lose-request'] as const),
          ),
        ),
        async (left, users, faults) => {
          const shop = desk({
            left,
            faults: ({ verb }) => (verb === 'commit' ? faults.next().value : undefined),
          });
          await shop.open();
          await Promise.all(
            users.map(async (user, n) => {
              const key = `k${n}`;
              // As a good client: what was not answered is sent again under its key.
              for (let sent = 0; sent < 100; sent++) {
                const answered = await shop.redeem(user, key).catch(() => undefined);
                if (answered) return;
              }
              expect.fail('never answered');
            }),
          );
          const expected = Math.min(left, new Set(users).size);
          expect(shop.redemptions()).toHaveLength(expected);
          expect(await shop.left()).toBe(left - expected);
        },
      ),
      { numRuns: 80 },
    ));

  it('answers a retry of its last redemption with the redemption, not that nothing is left', async () => {
    const { open, redeem } = desk({ left: 1 });
    await open();
    const first = await redeem('u1', 'k');
    expect(first).toMatchObject({ how: 'committed' });
    expect(await redeem('u1', 'k')).toMatchObject({ how: 'replayed' });
    expect(await redeem('u1')).toEqual({ how: 'refused', refusal: 'coupon-already-redeemed' });
    expect(await redeem('u2')).toEqual({ how: 'refused', refusal: 'coupon-exhausted' });
  });
});
