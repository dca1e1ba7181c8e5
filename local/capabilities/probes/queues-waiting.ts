/** When a message may be received, and what a queue says of those that wait. */
import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import { mapEvents } from '../lab/mapping.ts';
import { receiveMessages, sendMessages, sqsPreamble } from '../lab/messages.ts';
import type { Probe } from '../probe.ts';

const queueDelay: Probe = async (lab) => {
  const { sqs } = lab.clients;
  const queue = await lab.createQueue({ visibilityMs: 30_000 });
  const delayMs = 3_000;
  const sentAtMs = performance.now();
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.url,
      MessageBody: 'later',
      DelaySeconds: delayMs / 1_000,
    }),
  );
  await sendMessages(lab, queue, ['now']);
  const came = new Map<string, number>();
  await lab.must(
    'both messages are received',
    async () => {
      for (const { Body = '' } of await receiveMessages(lab, queue))
        came.set(Body, Math.round(performance.now() - sentAtMs));
      return came.size === 2;
    },
    { withinMs: 20_000 },
  );
  const [now = 0, later = 0] = [came.get('now'), came.get('later')];
  return {
    does: now < later && later >= delayMs,
    saw: `received after ${later} ms with a delay of ${delayMs}, after ${now} ms without`,
  };
};

/** The worker says itself when a message is to come again, and reports it as not done. */
const queueVisibility: Probe = async (lab) => {
  const queue = await lab.createQueue({ visibilityMs: 40_000 });
  const notebook = await lab.createNotebook();
  const waitMs = 3_000;
  const to = await lab.deployFunction({
    code: `${sqsPreamble(lab)}
export const handler = async ({ Records: [{ messageId, receiptHandle, attributes }] }) => {
  await note('received');
  if (attributes.ApproximateReceiveCount !== '1') return { batchItemFailures: [] };
  await sqs('ChangeMessageVisibility', {
    QueueUrl: process.env.QUEUE_URL,
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: ${waitMs / 1_000},
  });
  return { batchItemFailures: [{ itemIdentifier: messageId }] };
};`,
    hint: 'visibility',
    notebook,
    environment: { QUEUE_URL: queue.url },
  });
  await sendMessages(lab, queue, ['a message']);
  await mapEvents(lab, {
    from: queue.arn,
    to,
    settings: { BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] },
  });
  await lab.must('the message is received', async () => (await notebook.read()).length > 0, {
    withinMs: 20_000,
  });
  await lab.eventually(async () => (await notebook.read()).length > 1, { withinMs: 10_000 });
  const [first, second] = await notebook.read();
  const againAfterMs = second && first && Math.round(second.atMs - first.atMs);
  return {
    does: againAfterMs !== undefined && againAfterMs >= waitMs - 100,
    saw:
      againAfterMs === undefined
        ? 'not again within 10 s'
        : `again after ${againAfterMs} ms, ${waitMs} asked for`,
  };
};

const queueCounts: Probe = async (lab) => {
  const { sqs } = lab.clients;
  const queue = await lab.createQueue({ visibilityMs: 30_000 });
  const send = (MessageBody: string, DelaySeconds: number) =>
    sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody, DelaySeconds }));
  await send('worked on', 0);
  await lab.must(
    'a message is received',
    async () => (await receiveMessages(lab, queue)).length > 0,
    { withinMs: 10_000 },
  );
  await Promise.all([send('waits', 0), send('waits too', 0), send('delayed', 30)]);
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queue.url,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  const counts = [
    Attributes['ApproximateNumberOfMessages'],
    Attributes['ApproximateNumberOfMessagesNotVisible'],
    Attributes['ApproximateNumberOfMessagesDelayed'],
  ].map(Number);
  return {
    does: String(counts) === '2,1,1',
    saw: `${counts[0]} waiting of 2, ${counts[1]} worked on of 1, ${counts[2]} delayed of 1`,
  };
};

/** What the service takes since August 2025. */
const limitBytes = 1_048_576;

const messageLimit: Probe = async (lab) => {
  const queue = await lab.createQueue();
  const isTaken = async (bytes: number) => {
    try {
      await lab.clients.sqs.send(
        new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'x'.repeat(bytes) }),
      );
      return true;
    } catch (fault) {
      if (!(fault instanceof SQSServiceException && fault.$fault === 'client')) throw fault;
      return false;
    }
  };
  const [atLimit, above] = [await isTaken(limitBytes), await isTaken(limitBytes + 1)];
  return {
    does: atLimit && !above,
    saw: `${limitBytes} bytes ${atLimit ? 'taken' : 'refused'}, one more ${above ? 'taken' : 'refused'}`,
  };
};

export const waitingProbes = {
  'queue-delay': queueDelay,
  'queue-visibility': queueVisibility,
  'queue-counts': queueCounts,
  'message-limit': messageLimit,
};
