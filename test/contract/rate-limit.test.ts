import { beforeAll, describe } from 'vitest';
import { dynamoClients } from '#shared/state/dynamodb-client.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { createTables } from '../support/tables.ts';
import { rateLimitContract } from './rate-limit-contract.ts';

describe('limiters in memory', () => {
  const store = memoryStore();
  rateLimitContract(() => store);
});

describe('limiters in DynamoDB', () => {
  const prefix = `limit-${crypto.randomUUID()}`;
  beforeAll(() => createTables(dynamoClients().once, prefix));
  const store = dynamoStore({ tables: { state: `${prefix}-state` } });
  rateLimitContract(() => store);
});
