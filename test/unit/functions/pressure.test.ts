import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { relaySlotsAddress } from '#functions/domain/keys.ts';
import { contract as stats } from '#functions/get-stats/contract.ts';
import { readRelay, toPressureView } from '#functions/get-stats/get-stats.ts';
import { ageReporter, backlogReader, gaugeOf } from '#functions/pressure.ts';
import { type FunctionRow, functions } from '#functions/tables/functions.ts';
import { pressureQueues, pressureTimes } from '#functions/tables/pressure.ts';
import type { QueueName } from '#functions/tables/queues.ts';
import { relayBound, relayShares } from '#functions/tables/relay.ts';
import { type RouteName, type RouteRow, routes } from '#functions/tables/routes.ts';
import { pressureGauge } from '#shared/pressure/gauge.ts';
import { delayAttribute } from '#shared/queue/calls.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';
import { waitedMs } from '#shared/worker/sqs-message.ts';
import { recordedSignals } from './recorded-signals.ts';

const startMs = Date.UTC(2026, 0, 1, 12);

interface Received {
  readonly waitedMs?: number;
  readonly receives?: number;
  readonly delaySeconds?: number;
  readonly fromDeadLetters?: boolean;
}

const record = ({
  waitedMs: inQueueMs = 0,
  receives = 1,
  delaySeconds = 0,
  fromDeadLetters = false,
}: Received = {}): SQSRecord => ({
  messageId: 'm',
  receiptHandle: 'r',
  body: '',
  attributes: {
    SentTimestamp: String(startMs),
    ApproximateFirstReceiveTimestamp: String(startMs + inQueueMs),
    ApproximateReceiveCount: String(receives),
    SenderId: '',
    ...(fromDeadLetters && { DeadLetterQueueSourceArn: 'arn' }),
  },
  messageAttributes:
    delaySeconds > 0
      ? { [delayAttribute]: { dataType: 'String', stringValue: String(delaySeconds) } }
      : {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: '',
  awsRegion: '',
});

describe('how long a message waited', () => {
  // biome-ignore format: a table
  it.each<[what: string, received: Received, waited: number | undefined]>([
    ['is from its sending to its first receive',           { waitedMs: 7_000 },                        7_000],
    ['is without what it was put off on purpose',          { waitedMs: 7_000, delaySeconds: 5 },       2_000],
    ['is nothing where it came before its delay was over', { waitedMs: 400, delaySeconds: 1 },         0],
    ['is not known of a retry, which waited for its turn', { waitedMs: 7_000, receives: 2 },           undefined],
    ['is not known of one that was a dead letter',         { waitedMs: 9e8, fromDeadLetters: true },   undefined],
  ])('%s', (_, received, waited) => {
    expect(waitedMs(record(received))).toBe(waited);
  });

  it('is not known without its times', () => {
    const { attributes, ...rest } = record();
    const { SentTimestamp: _, ...without } = attributes;
    expect(waitedMs({ ...rest, attributes: without as SQSRecord['attributes'] })).toBeUndefined();
  });
});

function worker(queue: QueueName = 'order:process', store = memoryStore()) {
  const clock = { nowMs: startMs };
  const events: ResilienceEvent[] = [];
  const report = ageReporter(queue, { store, now: () => clock.nowMs });
  return {
    clock,
    events,
    store,
    items: () => store.items('state'),
    hear: (...received: readonly Received[]) =>
      report(received.map(record), (event) => void events.push(event)),
  };
}

describe('a worker', () => {
  it('reports the oldest message of a batch that had to wait', async () => {
    const { hear, items } = worker();
    await hear({ waitedMs: 3_000 }, { waitedMs: 8_000 }, { waitedMs: 60_000, receives: 3 });
    expect(items()).toEqual([
      {
        pk: 'pressure#order:process',
        ageMs: 8_000,
        atMs: startMs,
        expiresAtMs: startMs + 30_000,
        ttl: (startMs + 30_000) / 1_000,
      },
    ]);
  });

  it('that is not behind writes nothing', async () => {
    const { hear, items } = worker();
    await hear({ waitedMs: pressureTimes.reportFromMs - 1 }, { waitedMs: 90_000, receives: 2 });
    await hear();
    expect(items()).toEqual([]);
  });

  it('of a queue that is no part of the pressure writes nothing', async () => {
    const { hear, items } = worker('audit:record');
    await hear({ waitedMs: 600_000 });
    expect(items()).toEqual([]);
  });

  it('reports no more than once a second, and goes on when its clock is set back', async () => {
    const { hear, items, clock } = worker();
    const ageAt = async (atMs: number, waitedMs: number) => {
      clock.nowMs = atMs;
      await hear({ waitedMs });
      return items()[0]?.['ageMs'];
    };
    expect(await ageAt(startMs, 10_000)).toBe(10_000);
    expect(await ageAt(startMs + 999, 20_000)).toBe(10_000);
    expect(await ageAt(startMs + 1_000, 30_000)).toBe(30_000);
    expect(await ageAt(startMs - 3_600_000, 40_000)).toBe(40_000);
  });

  it('works on when nobody takes its report, and says so', async () => {
    const store = memoryStore({ faults: () => 'lose-request' });
    const { hear, events } = worker('email:send', store);
    await hear({ waitedMs: 8_000 });
    expect(events).toMatchObject([
      { pattern: 'pressure', happened: 'report-failed', subject: 'email:send' },
    ]);
  });

  it('keeps a redriven, replayed or put-off message from looking like a queue that is behind', async () => {
    const { hear, items } = worker();
    await hear(
      { waitedMs: 86_400_000, fromDeadLetters: true },
      { waitedMs: 600_000, delaySeconds: 600 },
      { waitedMs: 300_000, receives: 5 },
    );
    expect(items()).toEqual([]);
  });
});

describe('a reading of the queues', () => {
  const read = (store = memoryStore(), laterMs = 0, backlogOf = async (_: string) => 7) =>
    backlogReader({ backlogOf, store, now: () => startMs + laterMs }).read();

  it('is of all queues that count, with what their workers told', async () => {
    const { store, hear } = worker('email:send');
    await hear({ waitedMs: 8_000 });
    expect(await read(store)).toEqual([
      { queue: 'order:process', backlog: 7, oldestAgeMs: 0 },
      { queue: 'email:send', backlog: 7, oldestAgeMs: 8_000 },
    ]);
  });

  it.each([
    [29_999, 8_000],
    [30_000, 0],
    [-29_999, 8_000],
    [-30_000, 0],
  ])('%i ms after a report believes it or not', async (laterMs, oldestAgeMs) => {
    const { store, hear } = worker('email:send');
    await hear({ waitedMs: 8_000 });
    expect((await read(store, laterMs))[1]?.oldestAgeMs).toBe(oldestAgeMs);
  });

  it('fails where one queue does not answer: half of it would look like a short queue', async () => {
    const half = async (queue: string) => {
      if (queue === 'email:send') throw new Error('down');
      return 0;
    };
    await expect(read(memoryStore(), 0, half)).rejects.toThrow('down');
  });

  it('counts messages alone where the reports do not answer, and says so once a queue', async () => {
    const events: ResilienceEvent[] = [];
    const table = { down: true };
    const store = memoryStore({ faults: () => (table.down ? 'lose-request' : undefined) });
    const reader = backlogReader({
      backlogOf: async () => 6_000,
      store,
      listen: (event) => events.push(event),
      now: () => startMs,
    });
    const unknown = pressureQueues.map((queue) => ({
      queue,
      backlog: 6_000,
      oldestAgeMs: undefined,
    }));
    const told = pressureQueues.map((subject) => ({
      pattern: 'pressure',
      happened: 'age-unknown',
      severity: 'warning',
      subject,
      facts: { error: 'TimeoutError' },
    }));
    expect([await reader.read(), await reader.read()]).toEqual([unknown, unknown]);
    expect(events).toEqual(told);
    table.down = false;
    expect(await reader.read()).toMatchObject([{ oldestAgeMs: 0 }, { oldestAgeMs: 0 }]);
    table.down = true;
    await reader.read();
    expect(events).toEqual([...told, ...told]);
  });

  it('goes on shedding for as long as the reports do not answer', async () => {
    const clock = { nowMs: startMs };
    const gauge = pressureGauge({
      reader: backlogReader({
        backlogOf: async () => 6_000,
        store: memoryStore({ faults: () => 'lose-request' }),
      }),
      now: () => clock.nowMs,
    });
    for (const laterMs of [0, 11_000, 61_000, 300_000]) {
      clock.nowMs = startMs + laterMs;
      expect(await gauge.look()).toMatchObject({ level: 'SHED', known: true });
    }
  });
});

describe('the functions', () => {
  const names = Object.keys(routes) as RouteName[];

  it.each(names)('%s reads the pressure if, and only if, it is limited at all', (name) => {
    const { limitGroup }: RouteRow = routes[name];
    const { watches = [], tables }: FunctionRow = functions[name];
    expect(watches).toEqual(limitGroup === 'none' ? [] : pressureQueues);
    if (watches.length > 0) expect(tables?.state).toContain('GetItem');
  });

  it.each(pressureQueues)('of %s may report how long its messages waited', (queue) => {
    const rows: readonly FunctionRow[] = Object.values(functions);
    const its = rows.find(({ trigger }) => trigger.by === 'queue' && trigger.queue === queue);
    expect(its?.tables?.state).toContain('PutItem');
  });

  it('have no gauge without the queues and the table that it reads', () => {
    const { signals } = recordedSignals();
    expect(() =>
      gaugeOf({ name: 'get-order', queueUrls: {}, tables: {} }, signals, memoryStore()),
    ).toThrow('get-order reads the pressure, so its row needs order:process, email:send, state');
  });
});

describe('GET /stats', () => {
  const { body } = stats.answer;

  it('shows each queue with its own level, and how old the reading is', () => {
    const view = toPressureView({
      level: 'CRITICAL',
      known: true,
      queues: [
        { queue: 'order:process', backlog: 3, oldestAgeMs: 0 },
        { queue: 'email:send', backlog: 1_204, oldestAgeMs: 31_000 },
      ],
      readAtMs: startMs,
      ageMs: 1_500,
      nextReadingInMs: 8_500,
    });
    expect(body.shape.pressure.parse(view)).toEqual({
      level: 'CRITICAL',
      known: true,
      readAt: '2026-01-01T12:00:00.000Z',
      readingAgeMs: 1_500,
      queues: [
        { queue: 'order-process', level: 'NORMAL', backlog: 3, oldestAgeMs: 0 },
        { queue: 'email-send', level: 'CRITICAL', backlog: 1_204, oldestAgeMs: 31_000 },
      ],
    });
  });

  it('leaves out an age that is not known', () => {
    const { queues } = body.shape.pressure.parse(
      toPressureView({
        level: 'WARNING',
        known: true,
        queues: [{ queue: 'order:process', backlog: 600, oldestAgeMs: undefined }],
        readAtMs: startMs,
        ageMs: 0,
        nextReadingInMs: 10_000,
      }),
    );
    expect(queues).toEqual([{ queue: 'order-process', level: 'WARNING', backlog: 600 }]);
  });

  it('says that nothing is known rather than that nothing waits', () => {
    const view = toPressureView({
      level: 'NORMAL',
      known: false,
      queues: [],
      readAtMs: undefined,
      ageMs: undefined,
      nextReadingInMs: 2_000,
    });
    expect(body.shape.pressure.parse(view)).toEqual({
      level: 'NORMAL',
      known: false,
      queues: [],
    });
  });

  it('shows what is taken of every share of the relay, the one of the others last', async () => {
    const store = memoryStore();
    const { acme, others } = {
      acme: relaySlotsAddress('acme'),
      others: relaySlotsAddress(undefined),
    };
    await store.write({ add: { taken: 3 }, at: acme });
    await store.write({ add: { taken: 2 }, at: others });
    const relay = body.shape.relay.parse(await readRelay(store));
    expect(relay.bound).toBe(relayBound);
    expect(relay.shares.map(({ share }) => share)).toEqual(
      relayShares.all.map(({ capacity }) => capacity),
    );
    expect(relay.shares.filter(({ taken }) => taken > 0)).toMatchObject([
      { of: 'acme', taken: 3 },
      { of: 'others', taken: 2 },
    ]);
    expect(relay.shares.at(-1)?.of).toBe('others');
  });
});
