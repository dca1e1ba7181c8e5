import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { cloudWatchLogReader } from '#ops/log-reader.ts';

it('reads only what contains a word, from an engine that answers with everything', async () => {
  const client = new CloudWatchLogsClient({});
  const answering = mockClient(client).on(FilterLogEventsCommand);
  answering.resolvesOnce({ events: [{ message: 'hay' }, { message: 'a needle' }], nextToken: '2' });
  answering.resolvesOnce({ events: [{ message: 'needles' }, { message: 'more hay' }] });
  const found = await cloudWatchLogReader(client).read({
    group: '/test',
    sinceMs: 0,
    containing: 'needle',
  });
  expect(found.map(({ text }) => text)).toEqual(['a needle', 'needles']);
});
