/** What a number of orders costs in a month, above what an idle stage does. */
import { type FunctionRow, functions } from '#functions/tables/functions.ts';
import { assumed, hoursAMonth } from './assumed.ts';
import { measured } from './measured.ts';
import { type Cost, costOf } from './prices.ts';

export function ordersCost(orders: number): Cost {
  const way = measured('order');
  const total = (of: 'writeUnits' | 'readUnits' | 'queueCalls'): number =>
    orders * way.reduce((sum, one) => sum + one[of], 0);
  const rows: readonly FunctionRow[] = way.flatMap(({ function: name }) =>
    name in functions ? [functions[name as keyof typeof functions]] : [],
  );
  // A message and its event: `order.created`, and `order.confirmed` after it.
  const events = 2;
  const invocations = orders * (way.length + (events - 1));
  const memoryGb = rows.reduce((sum, { memoryMb }) => sum + memoryMb / 1_024, 0);
  const relayGb = functions['outbox-relay'].memoryMb / 1_024;
  const gb = (bytes: number): number => (orders * bytes) / 1e9;

  return costOf([
    { price: 'apiCall', count: orders, because: 'one an order' },
    {
      price: 'invocation',
      count: invocations,
      because: `${way.map((one) => one.function).join(', ')}; the relay twice`,
    },
    {
      price: 'gbSecond',
      count: (orders * (memoryGb + relayGb * (events - 1)) * assumed.invocationMs) / 1_000,
      because: `${assumed.invocationMs} ms each, assumed`,
    },
    { price: 'writeUnit', count: total('writeUnits'), because: 'measured, see below' },
    { price: 'readUnit', count: total('readUnits'), because: 'measured, see below' },
    {
      price: 'queueCall',
      count: total('queueCalls') + orders * events * assumed.receivesAMessage,
      because: 'measured, and each message received and deleted by Lambda',
    },
    {
      price: 'trace',
      count: invocations,
      because: 'one an invocation at most: below one a second all are recorded',
    },
    {
      price: 'metric',
      count: assumed.orderMetrics,
      because: 'names and dimensions that orders use, about',
    },
    {
      price: 'logsTaken',
      count: gb((invocations / orders) * assumed.logBytesAnInvocation + assumed.logBytesACall),
      because: `${assumed.logBytesAnInvocation} bytes an invocation and ${assumed.logBytesACall} a call, assumed`,
    },
    {
      price: 'logsKept',
      count: gb((invocations / orders) * assumed.logBytesAnInvocation + assumed.logBytesACall),
      because: 'for 30 days, then deleted',
    },
    {
      price: 'tableStorage',
      count: gb(assumed.storedBytesAnOrder),
      because: 'order, events, records, assumed',
    },
    { price: 'recovery', count: gb(assumed.storedBytesAnOrder), because: 'the same' },
    {
      price: 'keyCall',
      count: assumed.orderKeyUsers * assumed.keyCallsAnHour * hoursAMonth,
      because: `${assumed.orderKeyUsers} pairs of function and table, once in 5 minutes each`,
    },
    {
      price: 'transferOut',
      count: gb(assumed.answerBytes),
      because: `${assumed.answerBytes} bytes an answer, assumed`,
    },
  ]);
}
