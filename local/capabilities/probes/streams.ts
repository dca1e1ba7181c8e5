/** Streams of tables: which records start a function, and what becomes of those that fail. */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { mapEvents } from '../lab/mapping.ts';
import type { Probe } from '../probe.ts';
import type { CapabilityOf } from '../table.ts';
import { spoken } from './streams-batches.ts';
import { failingProbes } from './streams-failing.ts';
import { putItems, streamSource } from './streams-source.ts';

/** New records of one kind, as the outbox asks for. */
const filter = { eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['event'] } } } };

const streamFilter: Probe = async (lab) => {
  const source = await streamSource(lab, '');
  await putItems(lab, source.table, ['a']);
  await putItems(lab, source.table, ['other-kind'], 'ledger');
  await lab.clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: source.table.name,
      Key: { pk: { S: 'one' }, sk: { S: 'a' } },
      UpdateExpression: 'SET #changed = :true',
      ExpressionAttributeNames: { '#changed': 'changed' },
      ExpressionAttributeValues: { ':true': { BOOL: true } },
    }),
  );
  await putItems(lab, source.table, ['z']);
  await source.start({
    BatchSize: 10,
    FilterCriteria: { Filters: [{ Pattern: JSON.stringify(filter) }] },
  });
  await lab.must(
    'the last record comes',
    async () => (await source.batches()).flat().includes('z'),
    {
      withinMs: 20_000,
    },
  );
  const batches = await source.batches();
  return { does: batches.flat().join(' ') === 'a z', saw: spoken(batches) };
};

const parallelMappings: Probe = async (lab) => {
  const holdMs = 4_000;
  const notebook = await lab.createNotebook();
  const [to, held, free] = await Promise.all([
    lab.deployFunction({
      code: `
export const handler = async ({ Records: [{ dynamodb }] }) => {
  const name = dynamodb.Keys.sk.S;
  await note(name + ' begins');
  if (name === 'slow') await new Promise((resume) => setTimeout(resume, ${holdMs}));
  await note(name + ' ends');
};`,
      hint: 'streams',
      notebook,
    }),
    lab.createTable({ sortKey: true, stream: true }),
    lab.createTable({ sortKey: true, stream: true }),
  ]);
  const starts = ({ streamArn }: { streamArn: string }) =>
    mapEvents(lab, {
      from: streamArn,
      to,
      settings: { BatchSize: 1, StartingPosition: 'TRIM_HORIZON' },
    });
  await Promise.all([starts(held), starts(free)]);
  // Both have been read from before: what follows is not about a mapping's first steps.
  const noted = async () => (await notebook.read<string>()).map(({ value }) => value);
  const comes = (what: string) =>
    lab.must(what, async () => (await noted()).includes(what), { withinMs: 30_000 });
  await putItems(lab, free, ['first']);
  await putItems(lab, held, ['first too']);
  await Promise.all([comes('first ends'), comes('first too ends')]);

  await putItems(lab, held, ['slow']);
  await comes('slow begins');
  await putItems(lab, free, ['quick']);
  await Promise.all([comes('slow ends'), comes('quick begins')]);
  const notes = await noted();
  const beside = notes.indexOf('quick begins') < notes.indexOf('slow ends');
  return {
    does: beside,
    saw: `the other began ${beside ? 'beside' : 'after'} a call of ${holdMs} ms`,
  };
};

export const streamProbes = {
  'stream-filter': streamFilter,
  'stream-parallel-mappings': parallelMappings,
  ...failingProbes,
} satisfies Record<CapabilityOf<'streams'>, Probe>;
