import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientOptions } from '../aws/client-options.ts';

/** The client behind the stores. It tries once: whether a second try is safe is the pattern's to know. */
export const dynamoClient = (): DynamoDBClient =>
  new DynamoDBClient(clientOptions({ maxAttempts: 1 }));
