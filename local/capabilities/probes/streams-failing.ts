/** What a stream's mapping does with a batch that fails, in part or whole. */
import { setTimeout as sleep } from 'node:timers/promises';
import { takeMessage } from '../lab/messages.ts';
import type { Probe } from '../probe.ts';
import { type Batches, comesAgainFrom, isIsolated, spoken } from './streams-batches.ts';
import { putItems, streamSource } from './streams-source.ts';

const partialBatch: Probe = async (lab) => {
  // Done with when it leads a batch: one that holds what was done already would fail again.
  const source = await streamSource(
    lab,
    `const bad = names.indexOf('bad');
     return {
       batchItemFailures:
         bad > 0 ? [{ itemIdentifier: Records[bad].dynamodb.SequenceNumber }] : [],
     };`,
  );
  await putItems(lab, source.table, ['a', 'b', 'bad', 'd', 'e']);
  await source.start({
    BatchSize: 10,
    MaximumRetryAttempts: 2,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
  const again = (all: Batches) => comesAgainFrom('bad', all);
  const batches = await source.batchesOnce((all) => again(all) === true, 6_000);
  const does = again(batches);
  if (does === undefined) throw new Error(`no batch failed in part: ${spoken(batches)}`);
  return { does, saw: spoken(batches) };
};

const retries: Probe = async (lab) => {
  const source = await streamSource(lab, `if (names.includes('bad')) throw new Error('as asked');`);
  await putItems(lab, source.table, ['bad', 'next']);
  await source.start({ BatchSize: 1, MaximumRetryAttempts: 1 });
  const names = (await source.batchesOnce((all) => all.flat().includes('next'), 8_000)).flat();
  const tries = names.filter((name) => name === 'bad').length;
  const passedOver = names.includes('next');
  return {
    does: tries === 2 && passedOver,
    saw: `tried ${tries} times with one retry, ${passedOver ? 'then passed over' : 'and not passed over'}`,
  };
};

interface Letter {
  readonly requestContext?: { readonly condition?: string };
  readonly DDBStreamBatchInfo?: {
    readonly startSequenceNumber?: string;
    readonly streamArn?: string;
  };
}

function letterOf(body: string | undefined, streamArn: string) {
  if (body === undefined) return undefined;
  const { requestContext, DDBStreamBatchInfo } = JSON.parse(body) as Letter;
  const { condition = 'without a condition' } = requestContext ?? {};
  return {
    condition,
    fits: DDBStreamBatchInfo?.streamArn === streamArn && !!DDBStreamBatchInfo.startSequenceNumber,
    saw: `a letter: ${condition}`,
  };
}

const onFailure: Probe = async (lab) => {
  const letters = await lab.createQueue({ hint: 'letters' });
  const source = await streamSource(lab, `throw new Error('as asked');`);
  await putItems(lab, source.table, ['bad']);
  await source.start({
    BatchSize: 1,
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: letters.arn } },
  });
  const body = await takeMessage(lab, letters, { withinMs: 8_000 });
  const letter = letterOf(body, source.table.streamArn);
  return { does: letter?.fits === true, saw: letter?.saw ?? 'no letter within 8 s' };
};

/** The least that a mapping takes as the greatest age of a record. */
const maxAgeMs = 60_000;

const recordAge: Probe = async (lab) => {
  const letters = await lab.createQueue({ hint: 'letters' });
  const source = await streamSource(lab, `if (names.includes('old')) throw new Error('as asked');`);
  await putItems(lab, source.table, ['old']);
  await sleep(maxAgeMs + 1_500);
  await putItems(lab, source.table, ['young']);
  await source.map({
    BatchSize: 1,
    MaximumRecordAgeInSeconds: maxAgeMs / 1_000,
    // Enough not to be what gives the record up, and an end for an engine that knows no age.
    MaximumRetryAttempts: 10,
    DestinationConfig: { OnFailure: { Destination: letters.arn } },
  });
  const [body, batches] = await Promise.all([
    takeMessage(lab, letters, { withinMs: 10_000 }),
    source.batchesOnce((all) => all.flat().includes('young'), 10_000),
  ]);
  const letter = letterOf(body, source.table.streamArn);
  const forItsAge = letter?.fits === true && letter.condition !== 'RetryAttemptsExhausted';
  const wentOn = batches.flat().includes('young');
  return {
    does: forItsAge && wentOn,
    saw: `${letter?.saw ?? 'no letter within 10 s'}, the next record ${wentOn ? 'handled' : 'held up'}`,
  };
};

const bisect: Probe = async (lab) => {
  const source = await streamSource(lab, `if (names.includes('bad')) throw new Error('as asked');`);
  await putItems(lab, source.table, ['a', 'b', 'bad', 'd']);
  await source.start({
    BatchSize: 10,
    MaximumRetryAttempts: 4,
    BisectBatchOnFunctionError: true,
  });
  const isDone = (batches: Batches) => isIsolated('bad', ['a', 'b', 'd'], batches);
  const batches = await source.batchesOnce(isDone, 8_000);
  return { does: isDone(batches), saw: spoken(batches) };
};

export const failingProbes = {
  'stream-partial-batch': partialBatch,
  'stream-retries': retries,
  'stream-on-failure': onFailure,
  'stream-record-age': recordAge,
  'stream-bisect': bisect,
};
