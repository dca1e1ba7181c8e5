/** A table whose stream holds records of one partition, and a function that says which it was given. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type MappingOptions, mapEvents } from '../lab/mapping.ts';
import type { Table } from '../lab/table.ts';
import type { Lab } from '../lab.ts';
import type { Batches } from './streams-batches.ts';

/** One after the other: a stream keeps the order of a partition. */
export async function putItems(
  { clients: { dynamodb } }: Lab,
  { name }: Table,
  items: readonly string[],
  kind = 'event',
): Promise<void> {
  for (const item of items)
    await dynamodb.send(
      new PutItemCommand({
        TableName: name,
        Item: { pk: { S: 'one' }, sk: { S: item }, kind: { S: kind } },
      }),
    );
}

export interface StreamSource {
  readonly table: Table;
  /** Begins with the oldest record: what is in the stream by now comes in one batch. */
  map(settings: MappingOptions['settings']): Promise<void>;
  /** The same, and resolves when a batch has come. */
  start(settings: MappingOptions['settings']): Promise<void>;
  batches(): Promise<Batches>;
  /** Waits for a state of the batches, and returns them in any case. */
  batchesOnce(isReached: (batches: Batches) => boolean, withinMs: number): Promise<Batches>;
}

/** @param body what the handler does with `names` and `Records` when it has noted the names. */
export async function streamSource(lab: Lab, body: string): Promise<StreamSource> {
  const table = await lab.createTable({ sortKey: true, stream: true });
  const notebook = await lab.createNotebook();
  const to = await lab.deployFunction({
    code: `
export const handler = async ({ Records }) => {
  const names = Records.map(({ dynamodb }) => dynamodb.Keys.sk.S);
  await note(names);
  ${body}
};`,
    hint: 'stream',
    notebook,
  });
  const batches = async () => (await notebook.read<readonly string[]>()).map(({ value }) => value);
  const map: StreamSource['map'] = (settings) =>
    mapEvents(lab, {
      from: table.streamArn,
      to,
      settings: { ...settings, StartingPosition: 'TRIM_HORIZON' },
    });
  return {
    table,
    map,
    async start(settings) {
      await map(settings);
      await lab.must('a batch comes', async () => (await batches()).length > 0, {
        withinMs: 20_000,
      });
    },
    batches,
    async batchesOnce(isReached, withinMs) {
      await lab.eventually(async () => isReached(await batches()), { withinMs });
      return batches();
    },
  };
}
