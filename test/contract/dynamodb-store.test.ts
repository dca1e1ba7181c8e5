import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { dynamoClients } from '#shared/state/dynamodb-client.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import type { Address } from '#shared/state/items.ts';
import { type Recorder, recorder } from '../support/recorder.ts';
import { createTables } from '../support/tables.ts';
import { storeContract } from './store-contract.ts';

const prefix = `contract-${crypto.randomUUID()}`;
const tables = { domain: `${prefix}-domain`, state: `${prefix}-state` };
beforeAll(() => createTables(dynamoClients().once, prefix));

describe('DynamoDB store', () => {
  storeContract(() => dynamoStore({ tables }));
});

describe('DynamoDB store, when DynamoDB fails once', () => {
  let recorded: Recorder;
  let store: ReturnType<typeof dynamoStore>;
  beforeAll(async () => {
    const engine = inject('endpoint') ?? '';
    recorded = await recorder(engine);
    process.env['AWS_ENDPOINT_URL'] = recorded.endpoint;
    store = dynamoStore({ tables });
    // A client looks for its endpoint at its first call, and there are two.
    await store.read(address());
    await store.write({ put: {}, at: address(), when: { absent: true } });
    process.env['AWS_ENDPOINT_URL'] = engine;
  });
  afterAll(() => recorded.stop());
  beforeEach(() => {
    recorded.sent.length = 0;
    recorded.failOnce();
  });
  const address = (): Address => ({
    table: 'domain',
    key: { pk: crypto.randomUUID(), sk: 'a' },
  });
  const operations = () => recorded.sent.map(({ operation }) => operation);

  it('reads again', async () => {
    expect(await store.read(address())).toBeUndefined();
    expect(operations()).toEqual(['GetItem', 'GetItem']);
  });

  it('writes again what may be written twice', async () => {
    expect(await store.write({ put: {}, at: address() })).toEqual({ applied: true });
    expect(operations()).toEqual(['PutItem', 'PutItem']);
  });

  it('leaves a conditional write, a sum and a transaction to the pattern that sent them', async () => {
    const at = address();
    const writes = [{ put: {}, at, when: { absent: true } } as const, { add: { n: 1 }, at }];
    for (const write of writes) {
      recorded.failOnce();
      await expect(store.write(write)).rejects.toThrow();
    }
    recorded.failOnce();
    await expect(store.commit({ token: 'token', writes: [{ put: {}, at }] })).rejects.toThrow();
    expect(operations()).toEqual(['PutItem', 'UpdateItem', 'TransactWriteItems']);
  });
});
