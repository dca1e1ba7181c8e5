import { describe, expect, it } from 'vitest';
import { readCoupon, readCouponLeft } from '#functions/domain/coupon.ts';
import { couponAddress, couponLeftAddress } from '#functions/domain/keys.ts';
import { viewPoll } from '#functions/get-poll/get-poll.ts';
import { demoTenants } from '#functions/tables/tiers.ts';
import { crowdCoupon, crowdPoll, demoCoupons, demoPolls } from '#local/demo-crowds.ts';
import { seed } from '#local/seed.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const seeded = async () => {
  const store = memoryStore();
  await seed(store);
  return store;
};

describe('a fresh stage', () => {
  it.each(Object.keys(demoTenants))(
    'has polls of %s, as the service reads them, with each seeded vote counted',
    async (tenant) => {
      const store = await seeded();
      for (const { id } of Object.values(demoPolls)) {
        const poll = await viewPoll(store, { tenant, user: 'u1' }, id);
        expect(poll?.votes).toBe(poll?.myVote.option ? 1 : 0);
      }
      const withdrawable = await viewPoll(store, { tenant, user: 'u1' }, demoPolls.toWithdraw.id);
      expect(withdrawable).toMatchObject({ votes: 1, myVote: { option: 'tea', version: 1 } });
    },
  );

  it.each(Object.keys(demoTenants))(
    'has coupons of %s under the codes they name',
    async (tenant) => {
      const store = await seeded();
      for (const { coupon, left } of demoCoupons) {
        expect(readCoupon(await store.read(couponAddress(tenant, coupon.code)))).toMatchObject(
          coupon,
        );
        expect(readCouponLeft(await store.read(couponLeftAddress(tenant, coupon.code)))).toEqual({
          left,
        });
      }
    },
  );

  it('has a poll and a coupon for crowds, of the tenant of load tests alone', async () => {
    const store = await seeded();
    const find = async (tenant: string) => [
      (await viewPoll(store, { tenant, user: 'u1' }, crowdPoll.id))?.state,
      readCoupon(await store.read(couponAddress(tenant, crowdCoupon.coupon.code)))?.code,
    ];
    expect([await find('load'), await find('acme')]).toEqual([
      ['open', 'CROWD'],
      [undefined, undefined],
    ]);
  });
});
