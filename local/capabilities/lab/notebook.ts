/**
 * A notebook for functions: a table of what they did, in the order they did it. They write it with
 * one signed-for-nobody HTTP call, so that a probe's function needs no package.
 */
import {
  CreateTableCommand,
  DeleteTableCommand,
  paginateScan,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { Bench } from '../lab.ts';

export interface Note<T = unknown> {
  readonly atMs: number;
  readonly value: T;
}

export interface Notebook {
  /** Defines `note` in the code of a function. */
  readonly preamble: string;
  /** Everything noted so far, oldest first. */
  read<T = unknown>(): Promise<readonly Note<T>[]>;
}

/** @throws in the function when the engine does not take the note. */
const writer = (endpoint: string, region: string, table: string) => `
const note = async (value) => {
  const response = await fetch(${JSON.stringify(endpoint)}, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({
      TableName: ${JSON.stringify(table)},
      Item: {
        pk: { S: crypto.randomUUID() },
        atMs: { N: String(performance.timeOrigin + performance.now()) },
        value: { S: JSON.stringify(value ?? null) },
      },
    }),
  });
  if (!response.ok) throw new Error('the notebook answers ' + response.status + ' ' + await response.text());
};
`;

export async function createNotebook(bench: Bench): Promise<Notebook> {
  const { dynamodb } = bench.clients;
  const TableName = bench.name('notebook');
  bench.later(() => dynamodb.send(new DeleteTableCommand({ TableName })));
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
  await waitUntilTableExists({ client: dynamodb, minDelay: 1, maxWaitTime: 20 }, { TableName });
  return {
    preamble: writer(bench.endpoint, bench.region, TableName),
    async read<T>() {
      const notes: Note<T>[] = [];
      for await (const { Items = [] } of paginateScan(
        { client: dynamodb },
        { TableName, ConsistentRead: true },
      ))
        for (const { atMs, value } of Items)
          notes.push({ atMs: Number(atMs?.N), value: JSON.parse(value?.S ?? 'null') as T });
      return notes.sort((a, b) => a.atMs - b.atMs);
    },
  };
}
