/** One effect a key, and its first answer: of what carries its own record, and of what is asked for outside. */
import { afterAll, expect, it } from 'vitest';
import { orderAddress } from '#functions/domain/keys.ts';
import {
  noFaults,
  simulatedFaultsAddress,
  simulatedFaultsWrite,
} from '#shared/faults/fault-items.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import { eventsOf, everyItemOf, mailsFor, orderOf, store } from './support/auditor.ts';
import { callerAs } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { sendTo } from './support/queues.ts';
import { storyOf } from './support/story.ts';

const body = { lines: [{ itemId: 'book', quantity: 1 }], address: '1 Harbour Road' };

afterAll(() => store.write({ remove: true, at: simulatedFaultsAddress('state', 'email') }));

it('an order and its duplicates, at once and after it has changed, get one first answer', async () => {
  const send = await callerAs();
  const key = crypto.randomUUID();
  const place = () => send<{ id: string; status: string }>('POST', '/orders', { body, key });

  const answers = await Promise.all(Array.from({ length: 10 }, place));
  expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
  expect(answers.filter(({ headers }) => !headers.has('idempotency-replayed'))).toHaveLength(1);
  const [{ body: first }] = answers as [(typeof answers)[number]];
  expect(first.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8/);

  await eventually(async () => {
    expect(await orderOf('acme', first.id)).toMatchObject({ status: 'confirmed', version: 2 });
  });
  const again = await place();
  expect([again.status, again.body]).toEqual([201, first]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(again.headers.get('etag')).toBe('"1"');

  const item = await store.read(orderAddress('acme', first.id));
  expect(item).toMatchObject({ made: { answer: JSON.stringify(first) } });
  const created = (await eventsOf([first.id])).filter(({ type }) => type === 'order.created');
  expect(created).toHaveLength(1);
  const records = await everyItemOf('state');
  expect(records.filter(({ answer }) => String(answer).includes(first.id))).toEqual([]);

  const other = await send('POST', '/orders', { body: { ...body, address: 'Elsewhere' }, key });
  expect(other).toMatchObject({ status: 422, body: { type: '/problems/idempotency-key-reused' } });
});

it('a mail that two workers are told of at once is asked for by one of them', async () => {
  await store.write(simulatedFaultsWrite('state', 'email', { ...noFaults, latencyMs: 2_000 }));
  const trace = newTrace();
  const orderId = uuidV7();
  const event = {
    id: uuidV7(),
    type: 'order.confirmed',
    tenant: 'acme',
    aggregate: `order/${orderId}`,
    seq: 2,
    occurredAtMs: Date.now(),
    traceparent: toTraceparent(trace),
    correlationId: 'first-answer-test',
    data: { orderId, userId: 'u1' },
  };
  await Promise.all(
    [1, 2, 3].map(() => sendTo('email:send', JSON.stringify(event), event.traceparent)),
  );

  const lines = await eventually(async () => {
    const story = (await storyOf(trace.traceId)).lines;
    const done = story.filter(({ message }) => message === 'message duplicate');
    expect(done).toHaveLength(2);
    return story;
  }, 45_000);
  const said = lines.map(({ message }) => message);
  expect(said.filter((message) => message === 'message done')).toHaveLength(1);
  expect(said).toContain('message retried');
  expect(said.filter((message) => message === 'mail asked for')).toHaveLength(1);
  expect(await mailsFor([orderId])).toMatchObject([{ asked: 1 }]);
});
