/** The code of docs/patterns/outbox.md. */
import { expect, it } from 'vitest';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { handOn } from '#shared/outbox/hand-on.ts';
import { eventWrite } from '#shared/outbox/outbox-items.ts';
import { outboxRelay } from '#shared/outbox/relay.ts';
import { outboxSweeper } from '#shared/outbox/sweeper.ts';
import { memoryQueue } from '#shared/queue/memory-queue.ts';
import { applied, type Item, type Write } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

const dayMs = 86_400_000;

it('hands an event on that was written with its thing', async () => {
  const store = memoryStore();
  const queues = memoryQueue();
  const queueOf = () => 'things';
  const token = 'token';
  const traceparent = '';
  const correlationId = 'request-1';
  const placeThing: Write = { put: {}, at: { table: 'things', key: { pk: '7' } } };

  const placed = eventWrite(
    {
      id: uuidV7(),
      type: 'thing.placed',
      tenant: 'acme',
      aggregate: 'thing/7',
      seq: 1, // the version that this transaction gives the aggregate
      occurredAtMs: Date.now(),
      traceparent,
      correlationId,
      data: { thingId: '7' }, // ids, never personal data
    },
    { table: 'outbox', retainMs: 7 * dayMs },
  );
  await store.commit({ token, writes: [placeThing, placed] });
  const inserts = [{ sequenceNumber: '1', item: applied(placed, undefined) as Item }];

  const steps = {
    store,
    queues,
    queueOf,
    tracing: false,
    outboxTable: 'outbox',
    parkedTable: 'parked',
  };
  const keep = { ledgerMs: 7 * dayMs, parkedMs: 30 * dayMs };

  const relay = outboxRelay(handOn({ ...steps, ...keep, by: 'relay' }));
  const { failedAt } = await relay(inserts); // for the stream: come again from here

  const sweep = outboxSweeper({
    handOn: handOn({ ...steps, ...keep, by: 'sweeper' }),
    store,
    table: 'outbox',
    sweepAfterMs: 60_000,
    claimMs: 50_000,
    everyMs: 60_000,
    recentBuckets: 3,
    olderEveryRuns: 60,
    horizonMs: 7 * dayMs,
  });
  await sweep({ hasTime: () => true, handedOn: async () => {} });

  expect(failedAt).toBeUndefined();
  expect(queues.taken('things')).toHaveLength(1);
});

it('is the code on the page', () => {
  for (const code of codeOnPage('outbox')) expect(codeOfFile(import.meta.filename)).toContain(code);
});
