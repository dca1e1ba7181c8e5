/** What everybody may have once. */
import { redemptionAddress } from '#functions/domain/keys.ts';
import { madeIdOf } from '../hammer/action.ts';
import { coupons } from '../hammer/beginning.ts';
import { doneAnswer } from '../hammer/told.ts';
import type { Books, Entity } from './books.ts';

/** As many are gone as were redeemed, each by another user, for a request that was told so. */
export const couponsAddUp = (books: Books): readonly string[] => {
  const told = toldIds(books, 'redeem-coupon');
  return books.tenants.flatMap((tenant) =>
    Object.entries(coupons).flatMap(([code, began]) => {
      const all = books
        .ofKind('coupon')
        .filter((entity) => entity.tenant === tenant && entity.rest[0] === code);
      const left = all.find(({ sk }) => sk === 'left')?.item['left'];
      const redeemed = all.filter(({ sk }) => sk === 'redemption');
      const of = `coupon ${tenant}/${code}`;
      return [
        ...(Number(left) === began - redeemed.length && Number(left) >= 0
          ? []
          : [`${of}: ${redeemed.length} of ${began} redeemed, ${left} left`]),
        ...unasked(redeemed, told).map((id) => `${of}: nobody was told of redemption ${id}`),
        ...redeemed
          .filter(({ item }) => !books.at(redemptionAddress(tenant, code, String(item['userId']))))
          .map(({ item }) => `${of}: a redemption of ${item['userId']} is not where it belongs`),
      ];
    }),
  );
};

/** One for each user and day, each for a request that was told so. */
export const rewardsAreClaimedOnce = (books: Books): readonly string[] => {
  const told = toldIds(books, 'claim-daily-reward');
  const claims = books.ofKind('reward');
  const perDay = Map.groupBy(
    claims,
    ({ tenant, item }) => `${tenant}/${item['userId']} ${item['day']}`,
  );
  return [
    ...[...perDay]
      .filter(([, all]) => all.length > 1)
      .map(([who, all]) => `reward of ${who} claimed ${all.length} times`),
    ...unasked(claims, told).map((id) => `nobody was told of claim ${id}`),
  ];
};

/** What was made by the requests of a route that were told that it was done. */
const toldIds = ({ told }: Books, route: string): ReadonlySet<string> =>
  new Set(
    told
      .filter((one) => one.action.route === route && doneAnswer(one))
      .map(({ action }) => madeIdOf(action)),
  );

const unasked = (made: readonly Entity[], told: ReadonlySet<string>): readonly string[] =>
  made.map(({ item }) => String(item['id'])).filter((id) => !told.has(id));
