/** New items, read off a DynamoDB stream's records. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item } from '../state/items.ts';
import type { StreamInsert } from './relay.ts';

/** What is used of a record. @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export interface StreamRecord {
  readonly eventName?: string | undefined;
  readonly dynamodb?:
    | {
        readonly SequenceNumber?: string | undefined;
        readonly NewImage?: unknown;
      }
    | undefined;
}

/** Changes and deletions, those by TTL among them, are left out. */
export const readInserts = (records: readonly StreamRecord[]): readonly StreamInsert[] =>
  records.flatMap(({ eventName, dynamodb }) =>
    eventName === 'INSERT' && dynamodb?.NewImage && dynamodb.SequenceNumber
      ? [
          {
            sequenceNumber: dynamodb.SequenceNumber,
            item: unmarshall(dynamodb.NewImage as Record<string, AttributeValue>) as Item,
          },
        ]
      : [],
  );
