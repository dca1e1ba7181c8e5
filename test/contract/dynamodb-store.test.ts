import { beforeAll, describe } from 'vitest';
import { dynamoClient } from '#shared/state/dynamodb-client.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { createTables } from '../support/tables.ts';
import { storeContract } from './store-contract.ts';

describe('DynamoDB store', () => {
  const client = dynamoClient();
  const prefix = `contract-${crypto.randomUUID()}`;
  beforeAll(() => createTables(client, prefix));

  storeContract(() =>
    dynamoStore({ client, tables: { domain: `${prefix}-domain`, state: `${prefix}-state` } }),
  );
});
