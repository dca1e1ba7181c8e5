/** What is given once: a coupon to each user while there are some, a reward to each user a day. */
import { describe, expect, it } from 'vitest';
import { couponAddress, couponLeftAddress } from '#functions/domain/keys.ts';
import { everyItemOf, store } from './support/auditor.ts';
import { callerAs } from './support/caller.ts';
import { pooled } from './support/hammer/pool.ts';
import { persistently } from './support/persistent.ts';

const tenant = 'load';

const shortName = () => crypto.randomUUID().slice(0, 8).toUpperCase();

const slugsOf = (answers: readonly { readonly body: Readonly<Record<string, unknown>> }[]) =>
  answers.map(({ body }) => body['type'] ?? 'done');

describe('a coupon of ten', () => {
  it('goes to exactly ten of thirty users who race for it, each asking twice', {
    timeout: 120_000,
  }, async () => {
    const code = `RACE-${shortName()}`;
    const terms = { version: 1, code, amountMinor: 500, currency: 'EUR' };
    await store.write({
      put: { ...terms, expiresAt: '2099-12-31T00:00:00.000Z' },
      at: couponAddress(tenant, code),
    });
    await store.write({ put: { left: 10 }, at: couponLeftAddress(tenant, code) });
    const senders = await Promise.all(
      Array.from({ length: 30 }, (_, nth) => callerAs({ tenant, user: `racer-${nth}` })),
    );

    const path = `/coupons/${code.toLowerCase()}/redemptions`;
    const redeem = (nth: number, key: string) => async () => ({
      nth,
      ...(await persistently<Record<string, unknown>>(
        senders[nth] ?? expect.fail('no sender'),
        'POST',
        path,
        { key },
      )),
    });
    const keys = senders.map(() => crypto.randomUUID());
    const answers = await pooled(
      [...keys, ...keys].map((key, n) => redeem(n % senders.length, key)),
      24,
    );

    const winners = new Set(answers.filter(({ status }) => status === 201).map(({ nth }) => nth));
    expect(winners.size).toBe(10);
    for (const nth of winners) {
      const own = answers.filter((answer) => answer.nth === nth);
      expect(own.map(({ status }) => status)).toEqual([201, 201]);
      expect(own[1]?.body).toEqual(own[0]?.body);
    }
    const losers = answers.filter(({ nth }) => !winners.has(nth));
    expect(new Set(slugsOf(losers))).toEqual(new Set(['/problems/coupon-exhausted']));

    expect(await store.read(couponLeftAddress(tenant, code))).toMatchObject({ left: 0 });
    const redemptions = (await everyItemOf('domain')).filter(
      (item) => item['sk'] === 'redemption' && item['code'] === code,
    );
    expect(redemptions).toHaveLength(10);
    const [winner = 0] = winners;
    const again = await redeem(winner, crypto.randomUUID())();
    expect(slugsOf([again])).toEqual(['/problems/coupon-already-redeemed']);
  });
});

describe('the daily reward', () => {
  it('is given once, however often it is claimed at once, under one key or many', async () => {
    const user = `claimant-${shortName()}`;
    const send = await callerAs({ tenant, user });
    const key = crypto.randomUUID();
    const keys = [
      ...Array.from({ length: 6 }, () => key),
      ...Array.from({ length: 6 }, () => crypto.randomUUID()),
    ];
    const answers = await pooled(
      keys.map(
        (each) => () =>
          persistently<Record<string, unknown>>(send, 'POST', '/rewards/daily', { key: each }),
      ),
      12,
    );
    const done = answers.filter(({ status }) => status === 201);
    expect(new Set(done.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    for (const refused of answers.filter(({ status }) => status !== 201)) {
      expect(refused).toMatchObject({
        status: 409,
        body: { type: '/problems/reward-already-claimed' },
      });
      const seconds = Number(refused.headers.get('retry-after'));
      const untilMs = Date.parse(String(refused.body['nextAt'])) - Date.now();
      expect(Math.abs(seconds - untilMs / 1_000)).toBeLessThan(30);
    }
    const claims = (await everyItemOf('domain')).filter(
      (item) => item['userId'] === user && 'streak' in item,
    );
    expect(claims).toHaveLength(1);
    expect(done[0]?.body['streak']).toBe(1);
  });
});
