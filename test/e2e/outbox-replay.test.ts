/** An event whose message a queue has lost, handed on once more. */
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { orderAggregate } from '#functions/domain/order.ts';
import { publish } from '#functions/publish.ts';
import { retention } from '#functions/tables/retention.ts';
import { depths } from '#ops/queue-urls.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { recordAddress } from '#shared/idempotency/carrier.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { bucketOf, ledgerWrite } from '#shared/outbox/outbox-items.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { eventsOf, mailsFor, orderOf, store } from './support/auditor.ts';
import { callerAs, type Send } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { pendingOrder } from './support/pending-order.ts';
import { stage } from './support/stage.ts';

interface ReplayBody {
  readonly id: string;
  readonly state: string;
  readonly matched: number;
  readonly sent: number;
  readonly byType: Readonly<Record<string, number>>;
}

const sqs = new SQSClient(clientOptions(patience));
const operator = () => callerAs({ user: 'ops', role: 'service' });
const iso = (ms: number) => new Date(ms).toISOString();

const lastHour = () => ({ from: iso(Date.now() - 3_600_000), to: iso(Date.now() + 3_600_000) });

/** An order whose event is in a ledger, and so was in its queue, and came to no worker. */
async function forgottenOrder(): Promise<string> {
  const id = await pendingOrder();
  const event = publish(
    {
      type: 'order.created',
      tenant: 'acme',
      aggregate: orderAggregate(id),
      seq: 1,
      data: { orderId: id, userId: 'u1' },
    },
    { trace: newTrace(), correlationId: 'outbox-replay-test' },
  );
  const eventId = event.at.key['sk'] ?? '';
  await store.write(
    ledgerWrite('outbox', {
      id: uuidV7(),
      bucket: bucketOf(eventId),
      sent: [eventId],
      parked: [],
      by: 'relay',
      expiresAtMs: Date.now() + retention.outboxMs,
    }),
  );
  // The stream's filter lets only new items through, so an event that replaces another item is one
  // that the stream never tells of.
  await store.write({ put: { kind: 'lost' }, at: event.at });
  await store.write({ ...event, when: { where: {} } });
  return id;
}

const replay = (send: Send, body: object, key?: string) =>
  send<ReplayBody>('POST', '/outbox/replays', { body, ...(key && { key }) });

async function finished(send: Send, id: string): Promise<ReplayBody> {
  const { body } = await eventually(async () => {
    const answer = await send<ReplayBody>('GET', `/outbox/replays/${id}`);
    expect(answer).toMatchObject({ status: 200, body: { state: 'done' } });
    return answer;
  });
  return body;
}

const statusOf = async (id: string) => (await orderOf('acme', id))?.status;

describe('the key of a replay', () => {
  it('is taken for as long as the replay is kept, though the record of its request has lapsed', async () => {
    const send = await operator();
    const asked = { ...lastHour(), dryRun: true };
    const key = crypto.randomUUID();
    expect((await replay(send, asked, key)).status).toBe(202);
    const record = unitKey('acme', 'ops', 'POST /outbox/replays', key);
    await store.write({ remove: true, at: recordAddress('state', record) });
    expect(await replay(send, asked, key)).toMatchObject({
      status: 422,
      body: { type: '/problems/idempotency-key-reused' },
    });
  });
});

describe('an event whose message is lost', () => {
  it('has its effect when its aggregate is replayed, and once only', {
    timeout: 60_000,
  }, async () => {
    const send = await operator();
    const id = await forgottenOrder();
    const asked = { aggregate: orderAggregate(id), tenant: 'acme', ...lastHour() };

    const dry = await replay(send, { ...asked, dryRun: true });
    expect(dry).toMatchObject({ status: 202, body: { state: 'running', matched: 0 } });
    expect(dry.headers.get('location')).toBe(`replays/${dry.body.id}`);
    expect(await finished(send, dry.body.id)).toMatchObject({
      ...{ matched: 1, sent: 0 },
      byType: { 'order.created': 1 },
    });
    expect(await statusOf(id)).toBe('pending');

    const key = crypto.randomUUID();
    const { body } = await replay(send, asked, key);
    expect((await replay(send, asked, key)).body).toEqual(body);
    expect(await finished(send, body.id)).toMatchObject({ matched: 1, sent: 1 });
    await eventually(async () => {
      expect(await statusOf(id)).toBe('confirmed');
      expect(await mailsFor([id])).toHaveLength(1);
    });
    const confirmed = await orderOf('acme', id);

    const again = await replay(send, { ...asked, ratePerSecond: 100 });
    expect(await finished(send, again.body.id)).toMatchObject({
      ...{ matched: 2, sent: 2 },
      byType: { 'order.created': 1, 'order.confirmed': 1 },
    });
    await eventually(async () => {
      expect(Object.values(await depths(sqs, stage)).every((depth) => depth === 0)).toBe(true);
    });
    expect(await orderOf('acme', id)).toEqual(confirmed);
    expect(await mailsFor([id])).toMatchObject([{ asked: 1 }]);
    expect(await eventsOf([id])).toHaveLength(2);
  });

  it('is found by its time as well, and not in another tenant', async () => {
    const send = await operator();
    await forgottenOrder();
    const ask = async (tenant: string) =>
      finished(
        send,
        (await replay(send, { ...lastHour(), tenant, type: 'order.created', dryRun: true })).body
          .id,
      );
    expect((await ask('acme')).matched).toBeGreaterThanOrEqual(1);
    expect((await ask('nobody')).matched).toBe(0);
  });
});

describe('the replays of the outbox', () => {
  it.each(['user', 'admin'] as const)('are closed to a tenant’s %s', async (role) => {
    const send = await callerAs({ role });
    const calls = [replay(send, lastHour()), send('GET', `/outbox/replays/${uuidV7()}`)];
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([403, 403]);
  });

  it('are refused from a time of which events are no longer kept', async () => {
    const send = await operator();
    const eightDaysMs = 8 * 86_400_000;
    const from = Date.now() - eightDaysMs;
    expect(await replay(send, { from: iso(from), to: iso(from + 1_000) })).toMatchObject({
      status: 422,
      body: { type: '/problems/events-not-kept', errors: [{ pointer: '/from' }] },
    });
    expect((await send('GET', `/outbox/replays/${uuidV7()}`)).status).toBe(404);
  });
});
