import { inspect } from 'node:util';
import type { Context, SQSEvent } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readConsumedEvent } from '#functions/consumed-event.ts';
import type { Consumer } from '#functions/consumer.ts';
import type { Pseudonymize } from '#functions/pseudonymizer.ts';
import { functions } from '#functions/tables/functions.ts';
import { type QueueName, queues } from '#functions/tables/queues.ts';
import { retention } from '#functions/tables/retention.ts';
import { worker } from '#functions/worker.ts';
import { closingMs, marginMs } from '#functions/worker-time.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { memoryQueue } from '#shared/queue/memory-queue.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import { PermanentFault } from '#shared/worker/faults.ts';
import { recordedSignals } from './recorded-signals.ts';

const startMs = Date.UTC(2026, 0, 1, 12);
const trace = newTrace();

const told = (fields: object = {}) => ({
  id: uuidV7(),
  type: 'order.created',
  tenant: 'acme',
  aggregate: 'order/o1',
  seq: 1,
  occurredAtMs: startMs - 250,
  traceparent: toTraceparent(trace),
  correlationId: 'request-1',
  data: { orderId: 'o1', userId: 'u1' },
  ...fields,
});

interface Sent {
  readonly body?: unknown;
  readonly attempt?: number;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Before its first receive. */
  readonly waitedMs?: number;
}

const toBatch = (messages: readonly Sent[]): SQSEvent => ({
  Records: messages.map(({ body = told(), attempt = 1, attributes = {}, waitedMs = 0 }, i) => ({
    messageId: `m${i}`,
    receiptHandle: `r${i}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(attempt),
      SentTimestamp: String(startMs),
      SenderId: 'relay',
      ApproximateFirstReceiveTimestamp: String(startMs + waitedMs),
    },
    messageAttributes: Object.fromEntries(
      Object.entries({ traceparent: toTraceparent(trace), ...attributes }).map(([name, value]) => [
        name,
        { dataType: 'String', stringValue: value },
      ]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:order-process',
    awsRegion: 'us-east-1',
  })),
});

function shift({
  decide = async () => ({ answer: { outcome: 'done' }, writes: [] }),
  name = 'order:process',
  remainingMs = () => 20_000,
  pseudonymize = async ({ tenant, user }) => ({ tenant: `T-${tenant}`, user: `U-${user}` }),
  crash,
}: {
  decide?: Consumer<'order.created'>['decide'];
  name?: QueueName;
  remainingMs?: () => number;
  pseudonymize?: Pseudonymize;
  crash?: Consumer<'order.created'>['crash'];
} = {}) {
  const { signals, lines, metrics } = recordedSignals();
  const store = memoryStore();
  const queue = memoryQueue();
  const handler = worker(
    {
      name: 'order-process',
      tracing: false,
      retryDelayRatio: 1,
      queueUrls: {},
      deadLetterUrls: {},
      secretIds: { pseudonyms: '' },
    },
    name,
    { events: ['order.created'], store, decide, crash },
    {
      visibility: queue,
      deadLetters: queue,
      signals,
      pseudonymize,
      now: () => startMs,
    },
  );
  const context = { getRemainingTimeInMillis: remainingMs } as Context;
  return {
    store,
    lines,
    ends: () => lines.filter(({ message }) => /^message (?!failed)/.test(message)),
    outcomes: () =>
      metrics.filter(({ name }) => name === 'Messages').map(({ dimensions }) => dimensions),
    metrics,
    letters: () => queue.taken('order:process'),
    hidden: () => queue.hidden(),
    deliver: async (...messages: readonly Sent[]) => {
      const { batchItemFailures } = await handler(toBatch(messages), context);
      return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    },
  };
}

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('a worker function', () => {
  it('tells of a batch that had to wait, and works on it all the same', async () => {
    const { deliver, store, outcomes } = shift();
    expect(await deliver({}, { waitedMs: 6_000 })).toEqual([]);
    expect(outcomes()).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }]);
    const reports = store.items('state').filter(({ pk }) => pk === 'pressure#order:process');
    expect(reports).toMatchObject([{ ageMs: 6_000, atMs: startMs }]);
  });

  it('acknowledges what it has done, and says so in one line that its trace finds', async () => {
    const { deliver, ends, metrics } = shift();
    const event = told();
    expect(await deliver({ body: event })).toEqual([]);
    expect(ends()).toEqual([
      {
        level: 'info',
        message: 'message done',
        fields: {
          trace_id: trace.traceId,
          queue: 'order:process',
          message_id: 'm0',
          attempt: 1,
          event_id: event.id,
          event_type: 'order.created',
          tenant: 'T-acme',
          user: 'U-u1',
          outcome: 'done',
        },
      },
    ]);
    expect(metrics).toEqual([
      {
        name: 'UnitsOfWork',
        value: 1,
        dimensions: { subject: 'order:process', outcome: 'committed' },
      },
      { name: 'Messages', value: 1, dimensions: { queue: 'order:process', outcome: 'done' } },
      { name: 'EventAge', value: 250, dimensions: { queue: 'order:process' } },
    ]);
  });

  it('works once on an event that comes twice, in one batch or in two', async () => {
    let worked = 0;
    const { deliver, outcomes } = shift({
      async decide() {
        worked++;
        return { answer: { outcome: 'done' }, writes: [] };
      },
    });
    const body = told();
    await deliver({ body }, { body });
    await deliver({ body, attempt: 2 });
    expect(outcomes().map((each) => Object.values(each)[1])).toEqual([
      'done',
      'duplicate',
      'duplicate',
    ]);
    // The second decides as well, but does not commit; a message that comes again is known before.
    expect(worked).toBe(2);
  });

  it('keeps the record of an event longer than any message can be on its way', async () => {
    const { deliver, store } = shift();
    await deliver({});
    const [record] = store.items('state');
    expect(Number(record?.['expiresAtMs']) - Date.now()).toBeGreaterThan(
      retention.inboxMs - 60_000,
    );
  });

  it('reports only what failed, and goes on with the rest', async () => {
    const bad = told();
    const { deliver, outcomes, hidden } = shift({
      async decide({ id }) {
        if (id === bad.id) throw new Error('not now');
        return { answer: { outcome: 'done' }, writes: [] };
      },
    });
    expect(await deliver({}, { body: bad }, {})).toEqual(['m1']);
    expect(outcomes()).toMatchObject([
      { outcome: 'done' },
      { outcome: 'retried' },
      { outcome: 'done' },
    ]);
    expect(hidden()).toMatchObject([{ receiptHandle: 'r1' }]);
  });

  it('reports a batch of which everything failed, without failing itself', async () => {
    const { deliver } = shift({
      decide: async () => {
        throw new Error('not now');
      },
    });
    expect(await deliver({}, {})).toEqual(['m0', 'm1']);
  });

  it.each<[string, Sent, string]>([
    ['no JSON', { body: '{' }, 'not-json'],
    ['half a character', { body: { type: 'order.\ud800' } }, 'ill-formed-text'],
    ['no event', { body: { type: 'order.created' } }, 'not-an-event'],
    ['an event for others', { body: told({ type: 'order.confirmed' }) }, 'unknown-event-type'],
    ['data of another shape', { body: told({ data: { orderId: 7 } }) }, 'invalid-event-data'],
    [
      'an event older than the record of it would be',
      { body: told({ occurredAtMs: startMs - retention.inboxMs - 1 }) },
      'older-than-inbox',
    ],
  ])('buries a message with %s', async (_, message, cause) => {
    const { deliver, letters, outcomes } = shift();
    expect(await deliver(message)).toEqual([]);
    expect(letters()).toMatchObject([
      { attributes: { cause, consumer: 'order:process', traceparent: toTraceparent(trace) } },
    ]);
    expect(outcomes()).toEqual([{ queue: 'order:process', outcome: 'buried' }]);
  });

  it('hands nothing on of what a body that is no JSON holds', () => {
    const body = 'jo@example.com';
    const read = () => readConsumedEvent({ body }, ['order.created'], startMs);
    expect(inspect(thrownBy(read), { depth: null })).toMatch(/^PermanentFault: not-json(?!.*jo@)/s);
  });

  it('works on an event as old as its longest way here, and not on one whose record may be gone', async () => {
    const { deliver, letters, outcomes } = shift();
    const aged = (ageMs: number) => ({ body: told({ occurredAtMs: startMs - ageMs }) });
    const { outboxMs, queueMs, deadLetterMs, parkedMs, inboxMs } = retention;
    await deliver(aged(outboxMs + queueMs + deadLetterMs + parkedMs));
    expect(outcomes()).toMatchObject([{ outcome: 'done' }]);
    await deliver(aged(inboxMs));
    expect(letters()).toMatchObject([{ attributes: { cause: 'older-than-inbox' } }]);
  });

  it('takes no replayed event for a younger one: the record of its first time is as old', async () => {
    const body = told({ occurredAtMs: startMs - retention.inboxMs - 1 });
    const { deliver, letters } = shift();
    await deliver({ body, attributes: { replayedAtMs: String(startMs - 1_000) } });
    expect(letters()).toMatchObject([{ attributes: { cause: 'older-than-inbox' } }]);
  });

  it('buries on the last permitted receive', async () => {
    const { deliver, letters } = shift({
      decide: async () => {
        throw new TypeError('never');
      },
    });
    const { maxAttempts } = queues['order:process'];
    expect(await deliver({ attempt: maxAttempts - 1 })).toEqual(['m0']);
    expect(await deliver({ attempt: maxAttempts })).toEqual([]);
    expect(letters()).toMatchObject([
      { attributes: { cause: 'attempts-exhausted', error: 'TypeError', attempt: '8' } },
    ]);
  });

  it('buries another event under an id that was used', async () => {
    const { deliver, letters } = shift();
    const body = told();
    await deliver({ body });
    await deliver({ body: { ...body, data: { orderId: 'o2', userId: 'u1' } } });
    expect(letters()).toMatchObject([{ attributes: { cause: 'event-id-reused' } }]);
  });

  it('buries what its consumer calls permanent', async () => {
    const { deliver, letters } = shift({
      decide: async () => {
        throw new PermanentFault('order-missing');
      },
    });
    expect(await deliver({})).toEqual([]);
    expect(letters()).toMatchObject([{ attributes: { cause: 'order-missing' } }]);
  });

  it('counts what its recipient would not have, and acknowledges it', async () => {
    const { deliver, outcomes } = shift({
      decide: async () => ({ answer: { outcome: 'undeliverable' }, writes: [] }),
    });
    expect(await deliver({})).toEqual([]);
    expect(outcomes()).toMatchObject([{ outcome: 'undeliverable' }]);
  });

  it('hands back the rest of a batch when its time runs out', async () => {
    const left = [20_000, 3_000, 2_900];
    const { deliver, outcomes, hidden } = shift({ remainingMs: () => left.shift() ?? 0 });
    expect(await deliver({}, {}, {})).toEqual(['m1', 'm2']);
    expect(outcomes()).toMatchObject([
      { outcome: 'done' },
      { outcome: 'handed-back' },
      { outcome: 'handed-back' },
    ]);
    expect(hidden()).toMatchObject([{ seconds: 0 }, { seconds: 0 }]);
  });

  it('begins with the message that has the fewest receives left', async () => {
    const { deliver, ends } = shift();
    await deliver({ attempt: 1 }, { attempt: 7 }, { attempt: 2 }, { attempt: 7 });
    expect(ends().map(({ fields }) => fields['message_id'])).toEqual(['m1', 'm3', 'm2', 'm0']);
  });

  it.each<[QueueName, readonly string[]]>([
    ['order:process', ['in', 'out', 'in', 'out']],
    ['email:send', ['in', 'in', 'out', 'out']],
  ])('works on the messages of a batch as the row of %s says', async (name, expected) => {
    const steps: string[] = [];
    const { deliver } = shift({
      name,
      async decide() {
        steps.push('in');
        await new Promise(setImmediate);
        steps.push('out');
        return { answer: { outcome: 'done' }, writes: [] };
      },
    });
    await deliver({}, {});
    expect(steps).toEqual(expected);
  });

  it('passes its crash points around the commit', async () => {
    const seen: string[] = [];
    const { deliver, store } = shift({
      crash: async (point, traceId) => {
        seen.push(`${point} ${store.items('state').length} ${traceId === trace.traceId}`);
      },
    });
    await deliver({});
    expect(seen).toEqual(['before-effect 0 true', 'after-effect 1 true']);
  });

  it('passes its crash point after a burial, with the letter sent and nothing acknowledged', async () => {
    const seen: string[] = [];
    const { deliver, letters } = shift({
      crash: async (point, traceId) => {
        seen.push(`${point} ${letters().length} ${traceId === trace.traceId}`);
        throw new Error('died');
      },
    });
    expect(await deliver({ body: 'not JSON' })).toEqual(['m0']);
    expect(seen).toEqual(['after-burial 1 true']);
  });

  it('starts a trace of its own where a message has none', async () => {
    const { deliver, ends } = shift();
    await deliver({ attributes: { traceparent: 'garbage' } });
    expect(ends()[0]?.fields['trace_id']).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('the time of a worker function', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A clock for deadlines and for Lambda, which goes on only when it is told to. */
  function stopwatch(leftMs: number) {
    vi.useFakeTimers({ toFake: ['performance'] });
    const endsAtMs = performance.now() + leftMs;
    return {
      remainingMs: () => endsAtMs - performance.now(),
      pass: (ms: number) => vi.advanceTimersByTime(ms),
    };
  }

  it.each([
    ['what is left, less what its end needs', marginMs, marginMs - closingMs],
    ['no more than its queue allows', 60_000, queues['order:process'].tryMs],
  ])('gives a try %s', async (_, leftMs, expected) => {
    const { remainingMs } = stopwatch(leftMs);
    const given: number[] = [];
    const { deliver } = shift({
      remainingMs,
      async decide(_event, { deadline }) {
        given.push(deadline.remainingMs());
        return { answer: { outcome: 'done' }, writes: [] };
      },
    });
    await deliver({});
    expect(given).toEqual([expected]);
  });

  it('counts what it took to find names for its lines', async () => {
    const { remainingMs, pass } = stopwatch(marginMs + 1_000);
    const given: number[] = [];
    const { deliver } = shift({
      remainingMs,
      pseudonymize: async () => {
        pass(800);
        return undefined;
      },
      async decide(_event, { deadline }) {
        given.push(remainingMs() - deadline.remainingMs());
        return { answer: { outcome: 'done' }, writes: [] };
      },
    });
    await deliver({});
    expect(given).toEqual([closingMs]);
  });

  it('is enough to try every message of a batch, although each call hangs', async () => {
    const { batchSize, tryMs } = queues['order:process'];
    const { remainingMs, pass } = stopwatch(functions['order-process'].timeoutMs);
    const { deliver, outcomes } = shift({
      remainingMs,
      async decide(_event, { deadline }) {
        while (deadline.remainingMs() > 0) pass(1_650);
        throw new Error('down');
      },
    });
    await deliver(...Array.from({ length: batchSize }, () => ({})));
    expect(outcomes().map((each) => Object.values(each)[1])).toEqual(
      Array.from({ length: batchSize }, () => 'retried'),
    );
    expect(tryMs).toBeGreaterThan(1_650);
  });
});
