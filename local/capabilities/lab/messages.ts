/** Messages into a queue and out of it, from a probe and from inside a function. */
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import type { Bench } from '../lab.ts';
import type { Queue } from './queue.ts';

type QueueUrl = Pick<Queue, 'url'>;

/** Up to ten, in one call. */
export async function sendMessages(
  { clients: { sqs } }: Bench,
  { url }: QueueUrl,
  bodies: readonly string[],
): Promise<void> {
  const { Failed = [] } = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
    }),
  );
  if (Failed.length > 0)
    throw new Error(`${Failed.length} messages were not taken: ${Failed[0]?.Message}`);
}

export interface ReceiveOptions {
  /** They come again after this long; whole seconds. Default: as the queue says. */
  readonly visibilityMs?: number;
}

/** Up to ten that are there now. */
export async function receiveMessages(
  { clients: { sqs } }: Bench,
  { url }: QueueUrl,
  { visibilityMs }: ReceiveOptions = {},
): Promise<readonly Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      ...(visibilityMs !== undefined && { VisibilityTimeout: visibilityMs / 1_000 }),
    }),
  );
  return Messages;
}

/** The first message that comes, taken out of the queue. @returns undefined when none does. */
export async function takeMessage(
  bench: Bench,
  queue: QueueUrl,
  patience: { readonly withinMs: number },
): Promise<string | undefined> {
  const [message] =
    (await bench.eventually(async () => {
      const messages = await receiveMessages(bench, queue);
      return messages.length > 0 && messages;
    }, patience)) ?? [];
  if (!message) return undefined;
  await bench.clients.sqs.send(
    new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: message.ReceiptHandle }),
  );
  return message.Body ?? '';
}

/**
 * Code that lets a function ask SQS without a package: `await sqs('SendMessage', { … })`. It hands on
 * the trace of its call, by which Lambda knows a loop.
 */
export const sqsPreamble = ({ endpoint, region }: Bench): string => `
const sqs = async (action, input) => {
  const trace = process.env._X_AMZN_TRACE_ID;
  const response = await fetch(${JSON.stringify(endpoint)}, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.' + action,
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0',
      ...(trace && { 'x-amzn-trace-id': trace }),
    },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(action + ' is answered ' + response.status + ' ' + await response.text());
};
`;
