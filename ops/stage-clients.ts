/** AWS clients of a command: at a desk, far from the region, it can wait longer than a function may. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import type { TableName } from '#functions/tables/tables.ts';
import { clientOptions } from '#shared/aws/client-options.ts';
import { type DynamoStore, dynamoStore } from '#shared/state/dynamodb-store.ts';

const again = { maxAttempts: 5, requestTimeoutMs: 20_000 } as const;

const patience = {
  requestHandler: {
    ...clientOptions(again).requestHandler,
    connectionTimeout: 10_000,
  },
} as const;

export const stageSqs = (): SQSClient => new SQSClient({ ...clientOptions(again), ...patience });

export const stageGateway = (): APIGatewayClient =>
  new APIGatewayClient({ ...clientOptions(again), ...patience });

/** The tables of a stage, by role. */
export const stageStore = (stage: Stage, roles: readonly TableName[]): DynamoStore =>
  dynamoStore({
    tables: Object.fromEntries(roles.map((role) => [role, resourceName(stage, role)])),
    clients: {
      once: new DynamoDBClient({ ...clientOptions({ ...again, maxAttempts: 1 }), ...patience }),
      again: new DynamoDBClient({ ...clientOptions(again), ...patience }),
    },
  });
