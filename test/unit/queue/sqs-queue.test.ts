import {
  BatchRequestTooLong,
  ChangeMessageVisibilityCommand,
  InvalidMessageContents,
  SendMessageBatchCommand,
  SQSClient,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { sqsQueue } from '#shared/queue/sqs-queue.ts';

const client = new SQSClient({});
const urls = { things: 'http://queues.test/things' };
/** What SQS answers when it has taken these. */
const took = (...ids: string[]) => ({
  Successful: ids.map((Id) => ({ Id, MessageId: Id, MD5OfMessageBody: '' })),
  Failed: [],
});
const message = (id: string) => ({ id, body: `body of ${id}`, attributes: { cause: 'none' } });
/** An error that SQS's model lacks: the SDK passes its name on. */
const unmodelled = (name: string) =>
  new SQSServiceException({ name, $fault: 'client', message: '', $metadata: {} });

describe('the queue over SQS', () => {
  it('sends messages with their attributes and the header of their trace', async () => {
    const sqs = mockClient(SQSClient);
    sqs.on(SendMessageBatchCommand).resolves(took('a', 'b'));
    const traced = { ...message('a'), traceHeader: 'Root=1-2-3' };
    expect(await sqsQueue({ client, urls }).send('things', [traced, message('b')])).toEqual([
      { id: 'a', sent: true },
      { id: 'b', sent: true },
    ]);
    expect(sqs.commandCalls(SendMessageBatchCommand)[0]?.args[0].input).toEqual({
      QueueUrl: 'http://queues.test/things',
      Entries: [
        {
          Id: 'a',
          MessageBody: 'body of a',
          MessageAttributes: { cause: { DataType: 'String', StringValue: 'none' } },
          MessageSystemAttributes: {
            AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2-3' },
          },
        },
        {
          Id: 'b',
          MessageBody: 'body of b',
          MessageAttributes: { cause: { DataType: 'String', StringValue: 'none' } },
        },
      ],
    });
  });

  it('tells what may be sent again from what never will be taken', async () => {
    const sqs = mockClient(SQSClient);
    sqs.on(SendMessageBatchCommand).resolves({
      ...took('c'),
      Failed: [
        { Id: 'a', Code: 'InternalError', SenderFault: false },
        { Id: 'b', Code: 'InvalidMessageContents', SenderFault: true },
      ],
    });
    const sent = await sqsQueue({ client, urls }).send('things', ['a', 'b', 'c', 'd'].map(message));
    expect(sent).toEqual([
      { id: 'a', sent: false, retriable: true, code: 'InternalError' },
      { id: 'b', sent: false, retriable: false, code: 'InvalidMessageContents' },
      { id: 'c', sent: true },
      { id: 'd', sent: false, retriable: true, code: 'unanswered' },
    ]);
  });

  it('takes an empty answer for none', async () => {
    const sqs = mockClient(SQSClient);
    sqs.on(SendMessageBatchCommand).resolves({});
    expect(await sqsQueue({ client, urls }).send('things', [message('a')])).toEqual([
      { id: 'a', sent: false, retriable: true, code: 'unanswered' },
    ]);
  });

  it.each([
    new InvalidMessageContents({ message: '', $metadata: {} }),
    new BatchRequestTooLong({ message: '', $metadata: {} }),
    ...['InvalidParameterValue', 'InvalidParameterValueException'].map(unmodelled),
  ])('finds the message for which a whole call is refused: $name', async (error) => {
    const sqs = mockClient(SQSClient);
    sqs.on(SendMessageBatchCommand).callsFake(({ Entries }: { Entries: { Id: string }[] }) => {
      if (Entries.some(({ Id }) => Id === 'bad')) throw error;
      return took(...Entries.map(({ Id }) => Id));
    });
    const sent = await sqsQueue({ client, urls }).send('things', ['a', 'bad', 'c'].map(message));
    expect(sent).toEqual([
      { id: 'a', sent: true },
      { id: 'bad', sent: false, retriable: false, code: error.name },
      { id: 'c', sent: true },
    ]);
  });

  it('throws where the queue does not answer, or nobody knows it', async () => {
    const sqs = mockClient(SQSClient);
    sqs.on(SendMessageBatchCommand).rejects(new Error('down'));
    const queue = sqsQueue({ client, urls });
    await expect(queue.send('things', [message('a')])).rejects.toThrow('down');
    await expect(queue.send('others', [message('a')])).rejects.toThrow(RangeError);
  });

  it('hides a received message for whole seconds', async () => {
    const sqs = mockClient(SQSClient);
    sqs.on(ChangeMessageVisibilityCommand).resolves({});
    await sqsQueue({ client, urls }).hide('things', 'receipt', 7);
    expect(sqs.commandCalls(ChangeMessageVisibilityCommand)[0]?.args[0].input).toEqual({
      QueueUrl: 'http://queues.test/things',
      ReceiptHandle: 'receipt',
      VisibilityTimeout: 7,
    });
  });
});
