import { describe, expect, it } from 'vitest';
import { memoryQueue, type QueueFault } from '#shared/queue/memory-queue.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';
import { InProgressElsewhere, PermanentFault } from '#shared/worker/faults.ts';
import type { Message } from '#shared/worker/message.ts';
import { type WorkerOptions, worker } from '#shared/worker/worker.ts';

const message: Message = {
  id: 'message-1',
  receiptHandle: 'receipt-1',
  body: '{"any":"thing"}',
  attributes: { traceparent: 'the trace', eventType: 'thing.done' },
  attempt: 1,
};

function desk({
  fault,
  options = {},
}: {
  fault?: (verb: 'send' | 'hide') => QueueFault | undefined;
  options?: Partial<WorkerOptions>;
} = {}) {
  const told: ResilienceEvent[] = [];
  const queue = memoryQueue({ faults: ({ verb }) => fault?.(verb) });
  const work = worker({
    visibility: queue,
    deadLetters: queue,
    queue: 'things',
    consumer: 'thing-keeper',
    marginMs: 1_000,
    maxAttempts: 3,
    baseDelayMs: 4_000,
    maxDelayMs: 60_000,
    random: () => 0.5,
    ...options,
  });
  return {
    told,
    letters: () => queue.taken('things'),
    hidden: () => queue.hidden(),
    work: (
      handle: () => Promise<string>,
      { attempt = 1, remainingMs = 5_000 }: { attempt?: number; remainingMs?: number } = {},
    ) =>
      work(
        { ...message, attempt },
        { remainingMs, handle, listen: (happening) => told.push(happening) },
      ),
  };
}

const failing = (error: unknown) => async (): Promise<string> => {
  throw error;
};

describe('a worker', () => {
  it('acknowledges a message that was worked on, and touches no queue', async () => {
    const { work, letters, hidden } = desk();
    expect(await work(async () => 'well')).toEqual({
      acknowledge: true,
      outcome: 'worked',
      result: 'well',
    });
    expect([letters(), hidden()]).toEqual([[], []]);
  });

  it.each([
    [1, 3],
    [2, 6],
  ])(
    'hides a failed message after attempt %i for %i s, whole seconds, and keeps it',
    async (attempt, seconds) => {
      const { work, hidden, letters } = desk();
      expect(await work(failing(new RangeError('x')), { attempt })).toEqual({
        acknowledge: false,
        outcome: 'retried',
        error: 'RangeError',
      });
      expect(hidden()).toEqual([{ receiptHandle: 'receipt-1', seconds }]);
      expect(letters()).toEqual([]);
    },
  );

  it('rounds a shortened delay up: SQS knows no part of a second', async () => {
    const { work, hidden } = desk({ options: { retryDelayRatio: 0.01 } });
    await work(failing(new Error('x')));
    expect(hidden()).toEqual([{ receiptHandle: 'receipt-1', seconds: 1 }]);
  });

  it('hides what another is at until its lease has ended, and shortens that for nobody', async () => {
    const { work, hidden, letters } = desk({ options: { retryDelayRatio: 0.01 } });
    expect(await work(failing(new InProgressElsewhere(7_300)), { attempt: 3 })).toEqual({
      acknowledge: false,
      outcome: 'retried',
      error: 'InProgressElsewhere',
    });
    expect(hidden()).toEqual([{ receiptHandle: 'receipt-1', seconds: 8 }]);
    expect(letters()).toEqual([]);
  });

  it('keeps a failed message although it cannot be hidden, and says so', async () => {
    const { work, told } = desk({ fault: () => 'lose-request' });
    expect(await work(failing(new RangeError('x')))).toMatchObject({
      acknowledge: false,
      outcome: 'retried',
      error: 'RangeError',
    });
    expect(told).toMatchObject([{ happened: 'hide-failed', facts: { error: 'TimeoutError' } }]);
  });

  it('buries a permanent fault at once, with all an operator needs, and acknowledges it', async () => {
    const { work, letters, told } = desk();
    expect(await work(failing(new PermanentFault('order-missing')))).toEqual({
      acknowledge: true,
      outcome: 'buried',
      cause: 'order-missing',
      error: 'PermanentFault',
    });
    expect(letters()).toEqual([
      {
        id: 'message-1',
        body: message.body,
        attributes: {
          traceparent: 'the trace',
          eventType: 'thing.done',
          cause: 'order-missing',
          error: 'PermanentFault',
          consumer: 'thing-keeper',
          attempt: '1',
          originalMessageId: 'message-1',
        },
      },
    ]);
    expect(told).toMatchObject([
      { pattern: 'worker', happened: 'buried', severity: 'error', subject: 'thing-keeper' },
    ]);
  });

  it('writes no empty attribute into a letter: SQS would not take it', async () => {
    const { work, letters } = desk();
    await work(failing(Object.assign(new Error('x'), { name: '' })), { attempt: 3 });
    await work(failing(new PermanentFault('')));
    expect(letters()).toMatchObject([
      { attributes: { error: 'Error' } },
      { attributes: { cause: 'unknown' } },
    ]);
  });

  it('buries a message on its last permitted receive, before SQS moves it without a cause', async () => {
    const { work, letters } = desk();
    expect(await work(failing(new TypeError('x')), { attempt: 3 })).toMatchObject({
      acknowledge: true,
      cause: 'attempts-exhausted',
      error: 'TypeError',
    });
    expect(letters()).toMatchObject([
      { attributes: { cause: 'attempts-exhausted', attempt: '3' } },
    ]);
  });

  it.each<[string, QueueFault]>([
    ['does not answer', 'lose-request'],
    ['does not take the letter now', { failed: ['message-1'] }],
    ['never takes the letter', { refused: ['message-1'] }],
  ])('keeps the message where the dead-letter queue %s', async (_, fault) => {
    const { work, told, letters } = desk({ fault: () => fault });
    expect(await work(failing(new PermanentFault('order-missing')))).toMatchObject({
      acknowledge: false,
      outcome: 'retried',
    });
    expect(letters()).toEqual([]);
    expect(told).toMatchObject([{ happened: 'bury-failed', severity: 'error' }]);
  });

  it('hands a message back at once, unworked, when too little time is left for it', async () => {
    const { work, hidden } = desk();
    let worked = false;
    const handle = async () => {
      worked = true;
      return 'well';
    };
    expect(await work(handle, { remainingMs: 999 })).toEqual({
      acknowledge: false,
      outcome: 'handed-back',
    });
    expect(worked).toBe(false);
    expect(hidden()).toEqual([{ receiptHandle: 'receipt-1', seconds: 0 }]);
    expect(await work(handle, { remainingMs: 1_000 })).toMatchObject({ outcome: 'worked' });
  });

  it.each([
    { maxAttempts: 0 },
    { baseDelayMs: 0.5 },
    { marginMs: -1 },
    { retryDelayRatio: Number.NaN },
  ])('is not built with %j', (options) => {
    expect(() => desk({ options })).toThrow(RangeError);
  });
});

describe('a letter', () => {
  it('never has more attributes than SQS takes, and its own win', async () => {
    const { letters } = desk();
    const queue = memoryQueue();
    const work = worker({
      visibility: queue,
      deadLetters: queue,
      queue: 'things',
      consumer: 'thing-keeper',
      marginMs: 0,
      maxAttempts: 1,
      baseDelayMs: 1,
      maxDelayMs: 1,
    });
    const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`name${i}`, 'x']));
    await work(
      { ...message, attributes: { cause: 'made up', ...attributes } },
      { remainingMs: 1, handle: failing(new PermanentFault('real')) },
    );
    const [letter] = queue.taken('things');
    expect(Object.keys(letter?.attributes ?? {})).toHaveLength(10);
    expect(letter?.attributes['cause']).toBe('real');
    expect(letters()).toEqual([]);
  });
});
