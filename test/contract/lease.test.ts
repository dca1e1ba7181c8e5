import { beforeAll, describe } from 'vitest';
import { dynamoClients } from '#shared/state/dynamodb-client.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { createTables } from '../support/tables.ts';
import { leaseContract } from './lease-contract.ts';

describe('leases in memory', () => {
  const store = memoryStore();
  leaseContract(() => store);
});

describe('leases in DynamoDB', () => {
  const prefix = `lease-${crypto.randomUUID()}`;
  const tables = { lease: `${prefix}-lease`, state: `${prefix}-state` };
  beforeAll(() => createTables(dynamoClients().once, prefix));
  const store = dynamoStore({ tables });
  leaseContract(() => store);
});
