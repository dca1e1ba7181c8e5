/** A relay that fails for longer than its stream tries again: what it gave up is told, and not lost. */
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { givenUpName } from '#functions/tables/names.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { mailsFor, orderOf } from './support/auditor.ts';
import { callerAs } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { changeVariables, cutOff } from './support/function-variables.ts';
import { needs } from './support/needs.ts';
import { invoke } from './support/queues.ts';
import { stage } from './support/stage.ts';
import { storyOf } from './support/story.ts';

const sqs = new SQSClient(clientOptions({ ...patience, maxAttempts: 1 }));
const order = { lines: [{ itemId: 'book', quantity: 1 }], address: '1 Harbour Road' };

interface GivenUp {
  readonly requestContext: { readonly condition: string };
  readonly DDBStreamBatchInfo: {
    readonly startSequenceNumber: string;
    readonly approximateArrivalOfFirstRecord: string;
    readonly batchSize: number;
  };
}

/** What the stream has told since then; taken out of the queue, so that the next run finds its own. */
async function toldSince(sinceMs: number): Promise<readonly Message[]> {
  const QueueName = givenUpName(stage, 'outbox-relay');
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const told: Message[] = [];
  for (;;) {
    const { Messages: some = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    if (some.length === 0) return told;
    for (const message of some) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      if (Number(message.Attributes?.SentTimestamp) >= sinceMs) told.push(message);
    }
  }
}

it('events that the stream gave up are told by their place, and come with the sweeper, once', {
  timeout: 120_000,
}, async (context) => {
  await needs(context, 'stream-on-failure');
  const send = await callerAs();
  const beganMs = Date.now();
  const restore = await changeVariables(['outbox-relay'], { change: cutOff });
  try {
    const { body } = await send<{ id: string }>('POST', '/orders', { body: order });
    const [message] = await eventually(async () => {
      const told = await toldSince(beganMs);
      expect(told.length).toBeGreaterThan(0);
      return told;
    }, 60_000);
    const told = JSON.parse(message?.Body ?? '') as GivenUp;
    expect(told.requestContext.condition).toBe('RetryAttemptsExhausted');
    expect(told.DDBStreamBatchInfo).toMatchObject({
      startSequenceNumber: expect.stringMatching(/^\d+$/),
      batchSize: 1,
    });
    expect(message?.Body).not.toContain(body.id);
    await restore();

    await invoke('outbox-sweeper');
    await eventually(async () => {
      expect((await orderOf('acme', body.id))?.status).toBe('confirmed');
      expect(await mailsFor([body.id])).toMatchObject([{ asked: 1 }]);
    });

    // The stream goes on behind what it gave up.
    const next = await send<{ id: string }>('POST', '/orders', { body: order });
    await eventually(async () => {
      expect((await orderOf('acme', next.body.id))?.status).toBe('confirmed');
      const { lines } = await storyOf(next.traceId);
      expect(lines.map(({ message: said }) => said)).toContain('event relayed');
    });
  } finally {
    await restore();
  }
});
