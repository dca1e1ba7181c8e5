import { randomUUID } from 'node:crypto';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { beforeAll, describe, expect, it } from 'vitest';
import { cloudWatchLogReader } from '#ops/log-reader.ts';

const client = new CloudWatchLogsClient({});
const { read } = cloudWatchLogReader(client);

const startMs = Date.now() - 60_000;

async function group(streams: Readonly<Record<string, readonly [number, string][]>>) {
  const logGroupName = `/test/${randomUUID()}`;
  await client.send(new CreateLogGroupCommand({ logGroupName }));
  for (const [logStreamName, events] of Object.entries(streams)) {
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    await client.send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName,
        logEvents: events.map(([afterMs, message]) => ({ timestamp: startMs + afterMs, message })),
      }),
    );
  }
  return logGroupName;
}

describe('the reader of CloudWatch Logs', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  let name = '';
  beforeAll(async () => {
    name = await group({
      one: [
        [0, 'first'],
        [20, `{"trace_id":"${traceId}"}`],
      ],
      two: [
        [10, 'second'],
        [30, 'last'],
      ],
    });
  });
  const texts = async (range: Partial<Parameters<typeof read>[0]>) =>
    (await read({ group: name, sinceMs: startMs, ...range })).map(({ text }) => text);

  it('reads all streams of a group in the order of their times', async () => {
    expect(await texts({})).toEqual(['first', 'second', `{"trace_id":"${traceId}"}`, 'last']);
  });

  it('reads a span of time, both ends included', async () => {
    expect(await texts({ sinceMs: startMs + 10, untilMs: startMs + 20 })).toEqual([
      'second',
      `{"trace_id":"${traceId}"}`,
    ]);
  });

  it('reads only what contains a word', async () => {
    expect(await texts({ containing: traceId })).toEqual([`{"trace_id":"${traceId}"}`]);
  });

  it('reads only the streams asked for', async () => {
    expect(await texts({ streams: ['two'] })).toEqual(['second', 'last']);
  });

  it('finds nothing in a group that is not there', async () => {
    expect(await read({ group: '/test/nowhere', sinceMs: 0 })).toEqual([]);
  });

  it('reads on where a page ends, in the middle of an instant too', async () => {
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index): [number, string] => [
        Math.floor((from + index) / 7),
        `line ${from + index}`,
      ]);
    const long = await group({ one: lines(0, 9_000), two: lines(9_000, 15_000) });
    const all = await read({ group: long, sinceMs: startMs });
    expect(all.map(({ text }) => text)).toEqual(
      Array.from({ length: 15_000 }, (_, index) => `line ${index}`),
    );
  });
});
