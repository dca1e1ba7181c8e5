import { beforeAll, describe } from 'vitest';
import { dynamoClients } from '#shared/state/dynamodb-client.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { createTables } from '../support/tables.ts';
import { unitOfWorkContract } from './unit-of-work-contract.ts';

describe('unit of work over the memory store', () => {
  const store = memoryStore();
  unitOfWorkContract(() => store);
});

describe('unit of work over the DynamoDB store', () => {
  const prefix = `unit-${crypto.randomUUID()}`;
  const tables = { domain: `${prefix}-domain`, state: `${prefix}-state` };
  const store = dynamoStore({ tables });
  beforeAll(() => createTables(dynamoClients().once, prefix));
  unitOfWorkContract(() => store);
});
