import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientOptions } from '../aws/client-options.ts';

export interface DynamoClients {
  /** Tries once: whether a conditional write may be sent again is the pattern's to know. */
  readonly once: DynamoDBClient;
  /** For what may be sent twice, such as reads: a blip of the store is no business of a pattern. */
  readonly again: DynamoDBClient;
}

/** Both wait for an answer of the store as long, in one attempt or in two. */
export const dynamoClients = (): DynamoClients => ({
  once: new DynamoDBClient(clientOptions({ maxAttempts: 1, requestTimeoutMs: 1_000 })),
  again: new DynamoDBClient(clientOptions({ maxAttempts: 2, requestTimeoutMs: 500 })),
});
