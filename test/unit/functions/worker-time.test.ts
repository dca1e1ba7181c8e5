/** Whether a worker's time is enough for what its queue's row promises. */
import { describe, expect, it } from 'vitest';
import { type FunctionRow, functions } from '#functions/tables/functions.ts';
import { queues } from '#functions/tables/queues.ts';
import { closingMs, marginMs } from '#functions/worker-time.ts';
import { sqsClient } from '#shared/queue/sqs-queue.ts';
import { dynamoClients } from '#shared/state/dynamodb-client.ts';

interface Client {
  readonly config: {
    readonly maxAttempts: () => Promise<number>;
    readonly requestHandler: object;
  };
}

/** The SDK waits up to 50 ms before a second attempt. */
const pauseMs = 50;

/** The longest that one call through a client takes. */
async function patienceMs({ config }: Client): Promise<number> {
  const attempts = await config.maxAttempts();
  const { connectionTimeout, requestTimeout } = await (
    config.requestHandler as {
      configProvider: Promise<{ connectionTimeout: number; requestTimeout: number }>;
    }
  ).configProvider;
  return attempts * (connectionTimeout + requestTimeout) + (attempts - 1) * pauseMs;
}

const { once, again } = dynamoClients();
const storeCallMs = Math.max(await patienceMs(once), await patienceMs(again));
const queueCallMs = await patienceMs(sqsClient());

it('leaves time for the last store call, and for the word to the queue after it', () => {
  expect(closingMs).toBeGreaterThanOrEqual(storeCallMs + queueCallMs);
});

const workers = Object.values<FunctionRow>(functions).flatMap(({ trigger, timeoutMs }) =>
  trigger.by === 'queue' ? [{ ...queues[trigger.queue], queue: trigger.queue, timeoutMs }] : [],
);

describe.each(workers)('a batch of $queue', ({ batchSize, parallel, tryMs, timeoutMs }) => {
  it('leaves its last message enough time, although each before it hung', () => {
    const before = parallel ? 0 : batchSize - 1;
    expect(before * (tryMs + storeCallMs) + marginMs).toBeLessThanOrEqual(timeoutMs);
  });

  it('has no try that is longer than the function', () => {
    expect(tryMs + closingMs).toBeLessThanOrEqual(timeoutMs);
  });
});
