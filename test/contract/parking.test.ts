import { beforeAll, describe } from 'vitest';
import { dynamoClients } from '#shared/state/dynamodb-client.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { createTables } from '../support/tables.ts';
import { parkingContract } from './parking-contract.ts';

describe('parking over memory', () => {
  parkingContract(() => memoryStore());
});

describe('parking over DynamoDB', () => {
  const prefix = `parking-${crypto.randomUUID()}`;
  beforeAll(() => createTables(dynamoClients().once, prefix));

  parkingContract(() => dynamoStore({ tables: { parked: `${prefix}-parked` } }));
});
