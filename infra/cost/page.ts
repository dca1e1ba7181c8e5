/** docs/costs.md, from the templates, the prices and what was measured. */
import { retention } from '#functions/tables/retention.ts';
import { keylessThrottle, stageThrottle } from '../gateway.ts';
import { assumed } from './assumed.ts';
import { callsByQuota, ordersOfADayUsd, strangersOfADay } from './flood.ts';
import { idleCost } from './idle.ts';
import { keylessMethods } from './keyless.ts';
import { measured } from './measured.ts';
import { ordersCost } from './order.ts';
import { type Cost, type PriceName, type PriceRow, prices, pricesOf, usdOf } from './prices.ts';
import { synthesised } from './synthesised.ts';

const usd = (amount: number): string => amount.toFixed(2);
const whole = (amount: number): string => Math.round(amount).toLocaleString('en');
const few = (amount: number): string =>
  amount >= 100 ? whole(amount) : Number(amount.toPrecision(3)).toLocaleString('en');

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const tableOf = ({ lines, totalUsd, totalUsdBeyondFree }: Cost): string =>
  table(
    ['what', 'how much', 'USD', 'beyond what is free', 'how it is counted'],
    [
      ...lines.map((line) => [
        prices[line.price].unit,
        few(line.count),
        usd(usdOf(line)),
        usd(usdOf(line, true)),
        line.because,
      ]),
      ['**together**', '', `**${usd(totalUsd)}**`, `**${usd(totalUsdBeyondFree)}**`, ''],
    ],
  );

const tableOfPrices = (): string =>
  table(
    ['what', 'USD', 'of', 'free each month', 'page'],
    Object.values<PriceRow>(prices).map(({ unit, usd: amount, each, free, page }) => [
      unit,
      String(amount),
      each === 1 ? 'one' : whole(each),
      free === undefined ? '' : whole(free),
      `[${page.replace(/^https:\/\/aws\.amazon\.com\/([^/]+)\/.*/, '$1')}](${page})`,
    ]),
  );

const tableOfUnits = (of: Parameters<typeof measured>[0]): string =>
  table(
    ['function', 'write units', 'read units', 'calls to queues'],
    measured(of).map((row) => [
      `\`${row.function}\``,
      String(row.writeUnits),
      String(row.readUnits),
      String(row.queueCalls),
    ]),
  );

const orders = 1_000_000;
const exampleWafRate = 2_000;

export function costsPage(): string {
  const templates = synthesised('sandbox', {});
  const idle = idleCost(templates);
  const withWaf = idleCost(synthesised('sandbox', { wafRate: exampleWafRate }));
  const example = ordersCost(orders);
  const strangers = strangersOfADay(templates);
  const usdFor = (price: PriceName): string =>
    whole(strangers.lines.reduce((sum, one) => sum + (one.price === price ? usdOf(one) : 0), 0));
  const keyless = keylessMethods(templates);
  const byKey = ordersOfADayUsd();
  const types = new Set(
    templates.flatMap(({ Resources = {} }) => Object.values(Resources)).map(({ Type }) => Type),
  );
  const waf = withWaf.totalUsd - idle.totalUsd;
  return `<!-- Written by \`node infra/generate.ts\` from infra/cost, the templates of stage sandbox and docs/evidence/order-price.json. -->

# Costs

US dollars, us-east-1, without taxes. **Prices as AWS's pages were quoted on ${pricesOf}; compare them before you
rely on them**: each names its page [below](#prices). Nobody has paid this bill yet: no stage of this project has been deployed to a real account.

| | USD | beyond what is free in every account |
|---|---|---|
| a month in which nobody calls | ${usd(idle.totalUsd)} | ${usd(idle.totalUsdBeyondFree)} |
| a million orders in a month, above that | ${usd(example.totalUsd)} | |
| the most that strangers without a key can cost in a day, at the rate that AWS lets an account have | ${usd(strangers.totalUsd)} | |
| a day, if each call of all demo keys' quotas were an order | ${usd(byKey)} | |

What is free is free once in an account, and for good; what AWS grants a new account for a time is not counted.

## A month in which nobody calls

Counted in the templates of stage sandbox as \`npm run deploy\` makes them without further options.

${tableOf(idle)}

Storage is next to nothing: the demo data are some hundred items, the code some megabytes in the bucket of \`cdk bootstrap\`.

What a deploy can add:

- \`--waf-rate\`: ${usd(waf)} a month, and ${prices.webCall.usd.toFixed(2)} a million calls.
- \`--domain-name\`: nothing by itself; the certificate is free, a hosted zone in Route 53 is not (and is not made by us).
- \`--budget-usd\`, \`--alarm-email\`: nothing; mails are free up to a thousand a month.
- \`--backups\`: 0.10 a GB of copies, kept for 35 days.
- \`--reserve-concurrency\`: nothing. It keeps room for a function, it does not keep it warm.

What a scheduled function asks each minute though there is nothing to do:

${tableOfUnits('idle run')}

## A million orders in a month

Spread evenly (one every 2.6 s, which shares nothing: traffic that comes in bursts is cheaper), items of up to 1 KB, each
order accepted, relayed, processed and mailed. Above what an idle stage costs; what is free is used up in part by that, so it is
not taken off.

${tableOf({ ...example, lines: example.lines }).replace(/ beyond what is free \|/, ' with what is free |')}

That is ${usd((example.totalUsd / orders) * 1_000)} USD for a thousand orders.

What one order asks, function by function. *Counted* between the functions and a local engine (\`npm run bench -- order-price\`),
by DynamoDB's own report of what it consumed; a failed condition by the documented formula:

${tableOfUnits('order')}

*Assumed*, because nothing was measured on AWS: ${assumed.invocationMs} ms an invocation (${assumed.idleRunMs} ms of a scheduled one),
${whole(assumed.logBytesAnInvocation)} bytes of log an invocation, ${whole(assumed.answerBytes)} bytes an answer, ${whole(assumed.storedBytesAnOrder)} bytes stored for each order, and that every
event and message comes alone.

## What holds the bill down

- **Nothing is billed by the hour.** No instance, no NAT gateway, no provisioned or reserved capacity, no key of our own: the
  ${types.size} types of resources in the templates bill by use, or a fixed sum a month that stands above.
- **Throttles.** Each method by itself: ${whole(stageThrottle.ratePerSecond)} calls a second, burst ${whole(stageThrottle.burst)}, or where no key is asked for
  ${whole(keylessThrottle.ratePerSecond)} and ${whole(keylessThrottle.burst)}; all APIs of an account together: ${whole(assumed.accountRate)} (best
  effort, as AWS says of both). What the gateway refuses for want of a key, or by a throttle or a plan, is not
  billed as a call; its line in the access log and its answer's bytes are.
- **Quotas.** The keys of the four demo tenants let in ${whole(callsByQuota())} calls a day. If each were an order: ${usd(byKey)} USD.
- **Strangers** have what asks for no key: ${keyless
    .filter(({ method }) => method !== 'OPTIONS')
    .map(({ method, path }) => `\`${method} ${path}\``)
    .join(
      ', ',
    )}, and the preflights of browsers on ${keyless.filter(({ method }) => method === 'OPTIONS').length} paths, which the gateway answers by
  itself. Called as fast as throttles and account allow for a whole day: ${whole(strangers.totalUsd)} USD, of which ${usdFor('apiCall')} for the gateway,
  ${usdFor('logsTaken')} for logs and ${usdFor('transferOut')} for answers; most of these two is of calls that are refused, ${whole(assumed.logBytesACall)} bytes a line and ${whole(assumed.answerBytes)} an answer, assumed.
  What is called beyond the account's rate is not counted: nobody has measured what a refusal of that kind writes or answers.
  \`--waf-rate ${exampleWafRate}\` turns an address away above ${whole(exampleWafRate)} calls in five minutes; many addresses it does not stop, and it bills
  ${prices.webCall.usd.toFixed(2)} a million calls that it looks at, those that it turns away included.
- **A budget** tells you: \`--budget-usd 30 --budget-email you@example.org\` mails at a part of the sum and at the forecast. It stops
  nothing, and hears of costs hours later. \`npm run destroy\` is what stops them.
- **Logs** go after ${retention.logsMs / 86_400_000} days, events after ${retention.outboxMs / 86_400_000}; nothing grows for ever but orders, audit and leases.

## Prices

${tableOfPrices()}
`;
}
