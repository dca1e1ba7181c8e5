/** The bare chain's second half: a message's effect, an item. Nothing is guarded. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { SQSEvent } from 'aws-lambda';

const client = new DynamoDBClient({});

export async function handler({ Records }: SQSEvent): Promise<void> {
  console.log(`worked on ${Records.length}`);
  for (const { body } of Records)
    await client.send(
      new PutItemCommand({ TableName: process.env['EFFECTS'], Item: { pk: { S: body } } }),
    );
}
