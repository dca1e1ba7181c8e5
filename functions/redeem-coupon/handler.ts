/** POST /coupons/{code}/redemptions */
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { redemptionAggregate, toRedemptionItem } from '../domain/coupon.ts';
import { redemptionAddress } from '../domain/keys.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';
import { decideRedemption, readForRedemption, takeOne } from './redeem-coupon.ts';

const environment = readEnv('redeem-coupon', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  // Not compact: a redemption lives where its user's is looked for, so that there is one at most. The
  // record of a compact route lives where the key is looked for, and two keys would make two of them.
  async decide({ caller, input, trace, requestId: correlationId }, reader, { id }) {
    const { tenant, user: userId } = caller;
    const { code } = input.path;
    const seen = await readForRedemption(caller, code, reader);
    const decision = decideRedemption(seen, { id, userId, nowMs: Date.now() });
    if ('refused' in decision) return { refused: new Problem(decision.refused) };

    const { version, userId: _, ...view } = decision.redemption;
    const redeemed = {
      type: 'coupon.redeemed',
      tenant,
      aggregate: redemptionAggregate(code, userId),
      seq: version,
      data: { redemptionId: id, code, userId },
    } as const;
    return {
      answer: view,
      writes: [
        {
          put: toRedemptionItem(decision.redemption),
          at: redemptionAddress(tenant, code, userId),
          when: { absent: true },
        },
        takeOne(tenant, code),
        publish(redeemed, { trace, correlationId }),
      ],
    };
  },
});
