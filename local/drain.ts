/** The end of a local stack in good order: no more calls, and what was accepted is worked off. */
import { setTimeout as wait } from 'node:timers/promises';
import { APIGatewayClient, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { resourceName } from '#functions/tables/names.ts';
import { queues } from '#functions/tables/queues.ts';
import { apiStage } from '#infra/gateway.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import type { Steps } from './progress.ts';

/** From now on the gateway refuses every call with 429. */
async function refuseCalls(client: APIGatewayClient, apiId: string): Promise<void> {
  await client.send(
    new UpdateStageCommand({
      restApiId: apiId,
      stageName: apiStage,
      patchOperations: ['rateLimit', 'burstLimit'].map((limit) => ({
        op: 'replace' as const,
        path: `/*/*/throttling/${limit}`,
        value: '0',
      })),
    }),
  );
}

export interface DrainOptions {
  /** Messages that wait, are being worked on, or come back later; over all queues. */
  readonly depth: () => Promise<number>;
  readonly withinMs: number;
  readonly onDepth?: (messages: number) => void;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** So many looks in a row must find nothing: between two queues an event is in neither. */
const quietLooks = 3;
const lookEveryMs = 200;

/** Waits until all queues stay empty, or the time is up. @returns messages that are left. */
export async function drain({
  depth,
  withinMs,
  onDepth = () => {},
  signal,
  now = Date.now,
  sleep = wait,
}: DrainOptions): Promise<number> {
  const deadlineMs = now() + withinMs;
  for (let quiet = 0; ; ) {
    const messages = await depth();
    onDepth(messages);
    quiet = messages === 0 ? quiet + 1 : 0;
    if (quiet === quietLooks || signal?.aborted || now() >= deadlineMs) return messages;
    await sleep(lookEveryMs);
  }
}

const counts = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** Messages in all work queues of the local stage. */
function localQueueDepth(client: SQSClient): () => Promise<number> {
  const one = async (queue: string) => {
    const { QueueUrl } = await client.send(
      new GetQueueUrlCommand({ QueueName: resourceName('local', queue) }),
    );
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...counts] }),
    );
    return counts.reduce((sum, count) => sum + Number(Attributes[count] ?? 0), 0);
  };
  return async () =>
    (await Promise.all(Object.keys(queues).map(one))).reduce((sum, depth) => sum + depth, 0);
}

/** Messages were still in the queues when the time was up. */
export class LeftBehindError extends Error {
  override name = 'LeftBehindError';
}

const drainWithinMs = 15_000;

/** @throws LeftBehindError */
export async function drainLocalStack(apiId: string, steps: Steps): Promise<void> {
  await refuseCalls(new APIGatewayClient(clientOptions(patience)), apiId);
  await steps.run('Drain, without new calls (Ctrl-C again stops at once)', async (note) => {
    const left = await drain({
      depth: localQueueDepth(new SQSClient(clientOptions(patience))),
      withinMs: drainWithinMs,
      onDepth: (messages) => note(`messages in the queues: ${messages}`),
    });
    if (left > 0)
      throw new LeftBehindError(
        `after ${drainWithinMs / 1000} s there were still messages in the queues: ${left}`,
      );
  });
}
