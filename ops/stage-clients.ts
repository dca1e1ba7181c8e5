/** AWS clients of a command: at a desk, far from the region, it can wait longer than a function may. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import type { TableName } from '#functions/tables/tables.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { type DynamoStore, dynamoStore } from '#shared/state/dynamodb-store.ts';

const again = { ...patience, maxAttempts: 5 } as const;

export const stageSqs = (): SQSClient => new SQSClient(clientOptions(again));

export const stageLambda = (): LambdaClient => new LambdaClient(clientOptions(again));

export const stageSecrets = (): SecretsManagerClient =>
  new SecretsManagerClient(clientOptions(again));

export const stageGateway = (): APIGatewayClient => new APIGatewayClient(clientOptions(again));

/** The tables of a stage, by role. */
export const stageStore = (stage: Stage, roles: readonly TableName[]): DynamoStore =>
  dynamoStore({
    tables: Object.fromEntries(roles.map((role) => [role, resourceName(stage, role)])),
    clients: {
      once: new DynamoDBClient(clientOptions({ ...again, maxAttempts: 1 })),
      again: new DynamoDBClient(clientOptions(again)),
    },
  });
