/**
 * What one order asks of AWS on its whole way, function by function, and what the scheduled functions
 * ask each minute while there is nothing to do. Counted between each function and the engine; orders
 * come as seldom as a million a month, so that nothing is shared between them.
 */
import { setTimeout as wait } from 'node:timers/promises';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { orderAddress } from '#functions/domain/keys.ts';
import { type FunctionName, type FunctionRow, functions } from '#functions/tables/functions.ts';
import { resourceName } from '#functions/tables/names.ts';
import { progress } from '#local/progress.ts';
import { localStore, type Stack, startStack } from '#local/stack.ts';
import { bearerToken } from '#ops/bearer-token.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { type Asked, type MeteringProxy, meteringProxy } from './price/metering-proxy.ts';
import { print, round } from './report.ts';
import { untilVisible } from './until-visible.ts';

/** A million in 30 days. */
const orderEveryMs = 2_600;
const orders = 10;
/** By then the last order has been mailed, on a busy machine too. */
const quietAfterMs = 10_000;
const idleRuns = 5;
const tenant = 'load';

const onTheWay: readonly FunctionName[] = [
  'create-order',
  'outbox-relay',
  'order-process',
  'email-send',
  'simulated-email',
];
const scheduled = (Object.keys(functions) as FunctionName[]).filter(
  (name) => (functions[name] as FunctionRow).trigger.by === 'schedule',
);

const lambda = () => new LambdaClient(clientOptions(patience));

/** From now on the function reaches the engine through its own proxy. */
async function metered(name: FunctionName, engine: string): Promise<MeteringProxy> {
  const proxy = await meteringProxy(engine);
  const FunctionName = resourceName('local', name);
  const { Environment } = await lambda().send(
    new GetFunctionConfigurationCommand({ FunctionName }),
  );
  // A client of SQS goes where the address of the queue says.
  const own = JSON.stringify(Environment?.Variables ?? {}).replaceAll(engine, proxy.endpoint);
  const Variables = { ...JSON.parse(own), AWS_ENDPOINT_URL: proxy.endpoint };
  await lambda().send(
    new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }),
  );
  return proxy;
}

async function placeOrder({ apiUrl, apiKeys }: Stack, token: string): Promise<void> {
  const response = await fetch(`${apiUrl}/orders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'x-api-key': apiKeys[tenant] ?? '',
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify({
      lines: [{ itemId: 'book', quantity: 1 }],
      address: '1 Harbour Road, Bristol',
    }),
  });
  if (response.status !== 201)
    throw new Error(`POST /orders answered ${response.status}: ${await response.text()}`);
  const { id } = (await response.json()) as { id: string };
  await untilVisible(
    async () => (await localStore().read(orderAddress(tenant, id)))?.['status'] === 'confirmed',
  );
}

/** Each by so many runs. */
const per = ({ calls, writeUnits, readUnits }: Asked, runs: number): Record<string, number> => ({
  writeUnits: round(writeUnits / runs),
  readUnits: round(readUnits / runs),
  queueCalls: round((calls['sqs'] ?? 0) / runs),
});

async function ofOrders(stack: Stack, proxies: ReadonlyMap<FunctionName, MeteringProxy>) {
  const token = await bearerToken('local', { tenant, user: 'u1', role: 'user' }, 3_600_000);
  // The first ones start environments and read secrets, which later ones have.
  for (let nth = 0; nth < 3; nth++) await placeOrder(stack, token);
  await wait(quietAfterMs);
  for (const proxy of proxies.values()) proxy.take();
  for (let nth = 0; nth < orders; nth++) {
    await placeOrder(stack, token);
    await wait(orderEveryMs);
  }
  await wait(quietAfterMs);
  return onTheWay.map((name) => [name, per(takenBy(proxies, name), orders)] as const);
}

async function ofIdleRuns(proxies: ReadonlyMap<FunctionName, MeteringProxy>) {
  const rows = [];
  for (const name of scheduled) {
    const run = () =>
      lambda().send(new InvokeCommand({ FunctionName: resourceName('local', name) }));
    await run();
    takenBy(proxies, name);
    for (let nth = 0; nth < idleRuns; nth++) await run();
    rows.push([name, per(takenBy(proxies, name), idleRuns)] as const);
  }
  return rows;
}

function takenBy(proxies: ReadonlyMap<FunctionName, MeteringProxy>, name: FunctionName): Asked {
  const proxy = proxies.get(name);
  if (!proxy) throw new Error(`${name} is not metered`);
  return proxy.take();
}

const flat = (prefix: string, rows: readonly (readonly [string, Record<string, number>])[]) =>
  Object.fromEntries(
    rows.flatMap(([name, row]) =>
      Object.entries(row).map(([key, value]) => [`${prefix} · ${name} · ${key}`, value] as const),
    ),
  );

const stack = await startStack({ steps: progress() });
const proxies = new Map<FunctionName, MeteringProxy>();
try {
  const { endpoint } = stack;
  for (const name of [...onTheWay, ...scheduled]) proxies.set(name, await metered(name, endpoint));
  // Before any order, and while the tables hold the demo data alone.
  const idle = await ofIdleRuns(proxies);
  const order = await ofOrders(stack, proxies);
  print(
    {
      bench: 'order-price',
      metrics: { ...flat('idle run', idle), ...flat('order', order) },
      against: {},
    },
    Object.fromEntries([
      ...idle.map(([name, row]) => [`a run of ${name} without work`, row]),
      ...order.map(([name, row]) => [`an order, in ${name}`, row]),
    ]),
  );
} finally {
  await stack.stop();
  for (const proxy of proxies.values()) await proxy.stop();
}
