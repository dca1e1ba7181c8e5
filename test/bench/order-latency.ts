/**
 * How long an accepted order waits for its worker's effect, beside a bare chain of stream, queue and
 * two functions on the same engine. One order at a time; blocks of ten of each in turn.
 */
import { orderAddress } from '#functions/domain/keys.ts';
import { resourceName } from '#functions/tables/names.ts';
import { progress } from '#local/progress.ts';
import { type Stack, startStack } from '#local/stack.ts';
import { bearerToken } from '#ops/bearer-token.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { bareChain, type Chain } from './bare-chain.ts';
import { print, round, spreadOf } from './report.ts';
import { untilVisible } from './until-visible.ts';

const blocks = 10;
const perBlock = 10;
const warmUps = 10;
const tenant = 'load';

async function ourChain({ apiUrl, apiKeys }: Stack): Promise<Chain> {
  const token = await bearerToken('local', { tenant, user: 'u1', role: 'user' }, 3_600_000);
  const store = dynamoStore({ tables: { domain: resourceName('local', 'domain') } });
  return {
    async run() {
      const response = await fetch(`${apiUrl}/orders`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'x-api-key': apiKeys[tenant] ?? '',
          'content-type': 'application/json',
          'idempotency-key': crypto.randomUUID(),
        },
        body: JSON.stringify({ lines: [{ itemId: 'book', quantity: 1 }], address: 'Here' }),
      });
      if (response.status !== 201)
        throw new Error(`POST /orders answered ${response.status}: ${await response.text()}`);
      const { id } = (await response.json()) as { id: string };
      return untilVisible(
        async () => (await store.read(orderAddress(tenant, id)))?.['status'] === 'confirmed',
      );
    },
  };
}

async function times(count: number, { run }: Chain): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let nth = 0; nth < count; nth++) samples.push(await run());
  return samples;
}

const stack = await startStack({ steps: progress() });
try {
  const chains = { order: await ourChain(stack), bare: await bareChain() };
  const samples: Record<keyof typeof chains, number[]> = { order: [], bare: [] };
  for (const chain of Object.values(chains)) await times(warmUps, chain);
  for (let block = 0; block < blocks; block++)
    for (const name of ['order', 'bare'] as const)
      samples[name].push(...(await times(perBlock, chains[name])));

  const order = spreadOf(samples.order);
  const bare = spreadOf(samples.bare);
  print(
    {
      bench: 'order-latency',
      metrics: { p50Ms: order.p50, p90Ms: order.p90, p50Ratio: round(order.p50 / bare.p50) },
      against: { p50Ms: bare.p50, p90Ms: bare.p90 },
    },
    {
      'order accepted → confirmed (ms)': order,
      'bare write → effect (ms)': bare,
      'ratio of medians': { p50: round(order.p50 / bare.p50) },
    },
  );
} finally {
  await stack.stop();
}
