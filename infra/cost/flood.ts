/** The most that strangers and tenants can make a stage cost in a day, by the limits that stand in its way. */
import { functions } from '#functions/tables/functions.ts';
import { demoTenants, type TierRow, tiers } from '#functions/tables/tiers.ts';
import { assumed, secondsADay } from './assumed.ts';
import type { CountedTemplate } from './idle.ts';
import { type KeylessMethod, keylessMethods } from './keyless.ts';
import { ordersCost } from './order.ts';
import { type Cost, type CostLine, costOf } from './prices.ts';

const daysOf: Readonly<Record<TierRow['quota']['period'], number>> = { DAY: 1, WEEK: 7, MONTH: 30 };

/** Calls a day that the quotas of all keys let in. */
export const callsByQuota = (): number =>
  Object.values(demoTenants).reduce((sum, { tier }) => {
    const { requests, period }: TierRow['quota'] = tiers[tier].quota;
    return sum + requests / daysOf[period];
  }, 0);

/** With a key: every call an order, as far as the quotas go. */
export function ordersOfADayUsd(): number {
  const calls = callsByQuota();
  const { lines } = ordersCost(calls);
  // What is billed by the month or kept, and not by the call, is no matter of a day.
  const byTheCall: readonly CostLine['price'][] = [
    ...(['apiCall', 'invocation', 'gbSecond', 'writeUnit', 'readUnit'] as const),
    ...(['queueCall', 'logsTaken', 'transferOut'] as const),
  ];
  return costOf(lines.filter(({ price }) => byTheCall.includes(price))).totalUsd + tracesUsd(calls);
}

const sampled = (calls: number): number => calls * assumed.traceRatio + secondsADay;

const tracesUsd = (calls: number): number =>
  costOf([{ price: 'trace', count: sampled(calls), because: 'sampled' }]).totalUsd;

/**
 * Without a key: what answers everybody, as often as throttles and account allow, and all other calls
 * that the account lets in refused. A refusal is no billed call, but its log line and its answer are.
 */
export function strangersOfADay(templates: readonly CountedTemplate[]): Cost {
  const methods = keylessMethods(templates);
  const rateOf = (of: (one: KeylessMethod) => boolean): number =>
    methods.filter(of).reduce((sum, { ratePerSecond }) => sum + ratePerSecond, 0);
  const isPreflight = ({ method }: KeylessMethod): boolean => method === 'OPTIONS';
  const served = Math.min(
    assumed.accountRate,
    rateOf((one) => !isPreflight(one)),
  );
  const preflights = Math.min(assumed.accountRate - served, rateOf(isPreflight));
  const calls = (served + preflights) * secondsADay;
  const refused = assumed.accountRate * secondsADay - calls;
  const invocations = served * secondsADay;
  const memoryGb = functions.health.memoryMb / 1_024;
  return costOf([
    { price: 'apiCall', count: calls, because: `${served + preflights} a second` },
    {
      price: 'invocation',
      count: invocations,
      because: 'one a call that is no preflight: the gateway answers those itself',
    },
    {
      price: 'gbSecond',
      count: (invocations * memoryGb * assumed.healthMs) / 1_000,
      because: `${assumed.healthMs} ms each, assumed`,
    },
    {
      price: 'logsTaken',
      count:
        (invocations * assumed.logBytesAnInvocation + (calls + refused) * assumed.logBytesACall) /
        1e9,
      because: `${assumed.logBytesAnInvocation} bytes an invocation and ${assumed.logBytesACall} a call, refused ones too, assumed`,
    },
    { price: 'trace', count: sampled(calls), because: 'one a second, and 5 % of the others' },
    {
      price: 'transferOut',
      count: ((calls + refused) * assumed.answerBytes) / 1e9,
      because: `${assumed.answerBytes} bytes an answer, refusals too, assumed`,
    },
  ]);
}
