/** Runs a benchmark on an engine of its own, with the service's tables and what its peers need. */
import { CreateTableCommand, DynamoDB } from '@aws-sdk/client-dynamodb';
import { startEngine } from '#local/engines/engines.ts';
import { clientOptions } from '#shared/aws/client-options.ts';
import { createTables } from '../../support/tables.ts';
import { counted } from './meter.ts';

/** Our tables, by role. */
export const ourTables = {
  domain: 'price-domain',
  outbox: 'price-outbox',
  state: 'price-state',
  lease: 'price-lease',
} as const;

/** Tables of packages that bring their own format: by role, the name of the partition key. */
const theirKeys = { idempotency: 'id', limits: 'key' } as const;

export const theirTables = {
  idempotency: 'price-idempotency',
  limits: 'price-limits',
} as const satisfies Record<keyof typeof theirKeys, string>;

/** `newClient` gives a client that counts what it sends, and sends it once. */
export async function onEngine(work: (newClient: () => DynamoDB) => Promise<void>): Promise<void> {
  const engine = await startEngine('ministack');
  try {
    process.env['AWS_ENDPOINT_URL'] = engine.endpoint;
    process.env['AWS_REGION'] = engine.region;
    process.env['AWS_ACCESS_KEY_ID'] = 'test';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
    const newClient = () =>
      counted(new DynamoDB(clientOptions({ maxAttempts: 1, requestTimeoutMs: 10_000 })));
    const admin = newClient();
    await createTables(admin, 'price');
    for (const [role, key] of Object.entries(theirKeys))
      await admin.send(
        new CreateTableCommand({
          TableName: theirTables[role as keyof typeof theirTables],
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
        }),
      );
    await work(newClient);
  } finally {
    await engine.stop();
  }
}
