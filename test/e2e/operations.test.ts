/** The operator's commands on a stack: what they do to its tables, queues and gateway. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { retention } from '#functions/tables/retention.ts';
import { carryOut } from '#ops/dlq.ts';
import { readDlqOptions } from '#ops/dlq-options.ts';
import { outboxLook } from '#ops/drain.ts';
import { gatewayIntake } from '#ops/intake.ts';
import { replayOutbox } from '#ops/outbox.ts';
import { readOutboxOptions } from '#ops/outbox-options.ts';
import { depths, queueUrls } from '#ops/queue-urls.ts';
import { drainOrResume, readQueuesOptions } from '#ops/queues.ts';
import type { Said } from '#ops/stage-options.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { sqsQueue } from '#shared/queue/sqs-queue.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import { eventsOf, mailsFor, orderOf, store } from './support/auditor.ts';
import { callerAs } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { needs } from './support/needs.ts';
import { parkedLettersOf, sendTo } from './support/queues.ts';
import { stage } from './support/stage.ts';

const sqs = new SQSClient(clientOptions(patience));
const intake = gatewayIntake(new APIGatewayClient(clientOptions(patience)), stage);
const order = { lines: [{ itemId: 'book', quantity: 1 }], address: '1 Harbour Road' };

function listening() {
  const said: Said[] = [];
  return { said, tell: (line: Said) => void said.push(line) };
}

async function confirmedOrder(): Promise<string> {
  const send = await callerAs();
  const { body } = await send<{ id: string }>('POST', '/orders', { body: order });
  await eventually(async () => {
    expect((await orderOf('acme', body.id))?.status).toBe('confirmed');
    expect(await mailsFor([body.id])).toHaveLength(1);
  });
  return body.id;
}

describe('dlq', () => {
  const letterOf = async (id: string) =>
    (await parkedLettersOf('order:process')).find((letter) => letter.id === id);

  async function poisoned() {
    const event = {
      id: uuidV7(),
      type: 'order.created',
      tenant: 'acme',
      aggregate: 'order/none',
      seq: 1,
      occurredAtMs: Date.now(),
      traceparent: toTraceparent(newTrace()),
      correlationId: 'none',
      data: { orderId: 'none', userId: 'u1' },
    };
    await sendTo('order:process', JSON.stringify(event));
    await eventually(async () => expect(await letterOf(event.id)).toBeDefined());
    return event;
  }

  it('replays a letter from the command line, and waits for its end', async () => {
    const { id } = await poisoned();
    const { said, tell } = listening();
    const code = await carryOut(readDlqOptions(['replay', 'order-process', id]), { store, tell });
    expect({ code, last: said.at(-1)?.text }).toEqual({
      code: 0,
      last: 'replay done: 1 of 1, 0 skipped, 0 failed; they arrive over the next 1 s',
    });
    await eventually(async () => expect(await letterOf(id)).toMatchObject({ parkings: 2 }));
    const why = ['discard', 'order:process', id, '--reason', 'no such order'];
    expect(await carryOut(readDlqOptions(why), { store, tell })).toBe(0);
    expect(await letterOf(id)).toMatchObject({ state: 'discarded' });
  });

  it('replays a letter with another body, which its worker then takes', async () => {
    const orderId = await confirmedOrder();
    const event = await poisoned();
    const { tell } = listening();
    const body = JSON.stringify({ ...event, data: { orderId, userId: 'u1' } });
    const asked = readDlqOptions(['replay', 'order:process', event.id, '--edit', '-']);
    expect(await carryOut(asked, { store, tell, readText: async () => body })).toBe(0);
    await eventually(async () => {
      expect(Object.values(await depths(sqs, stage)).every((depth) => depth === 0)).toBe(true);
    });
    expect(await letterOf(event.id)).toMatchObject({ state: 'replayed', parkings: 1 });
  });
});

describe('outbox replay', () => {
  it('hands the events of an aggregate on once more, and nothing happens twice', async () => {
    const id = await confirmedOrder();
    const before = await orderOf('acme', id);
    const { said, tell } = listening();
    const queues = sqsQueue({ client: sqs, urls: await queueUrls(sqs, stage) });
    const asked = ['replay', '--aggregate', `order/${id}`, '--from', hourAgo(), '--rate', '100'];
    const parts = { store, queues, tell };
    await replayOutbox(readOutboxOptions([...asked, '--dry-run'], Date.now()), parts);
    expect(said.at(-1)?.facts).toEqual({ events: 2, dryRun: true });
    expect(await replayOutbox(readOutboxOptions(asked, Date.now()), parts)).toBe(0);
    expect(said.at(-1)?.facts).toEqual({ sent: 2, failed: 0 });
    await eventually(async () => {
      expect(Object.values(await depths(sqs, stage)).every((depth) => depth === 0)).toBe(true);
    });
    expect(await orderOf('acme', id)).toEqual(before);
    expect(await mailsFor([id])).toMatchObject([{ asked: 1 }]);
    expect(await eventsOf([id])).toHaveLength(2);
  });
});

const hourAgo = () => new Date(Date.now() - 3_600_000).toISOString();

describe('queues drain', () => {
  afterAll(() => intake.openAll());

  it('stops mutating calls only, works off what there is, and lets them in again', {
    timeout: 60_000,
  }, async (context) => {
    await needs(context, 'stage-throttle');
    const send = await callerAs();
    const accepted = await send<{ id: string }>('POST', '/orders', { body: order });
    const { said, tell } = listening();
    const outbox = outboxLook({ store, horizonMs: retention.outboxMs });
    const look = async () => ({ ...(await depths(sqs, stage)), outbox: await outbox() });
    const parts = { intake, look, tell };
    expect(await drainOrResume(readQueuesOptions(['drain', '--within', '40']), parts)).toBe(0);
    expect(said.at(-1)?.text).toBe('queues and outbox are empty');
    expect(await orderOf('acme', accepted.body.id)).toMatchObject({ status: 'confirmed' });
    expect(await mailsFor([accepted.body.id])).toHaveLength(1);

    const refused = await send('POST', '/orders', { body: order });
    expect(refused).toMatchObject({ status: 429, body: { type: '/problems/rate-limited' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await send('DELETE', `/orders/${accepted.body.id}`)).status).toBe(429);
    expect((await send('GET', `/orders/${accepted.body.id}`)).status).toBe(200);
    expect(await intake.open()).toEqual([]);

    await drainOrResume(readQueuesOptions(['drain', '--resume']), parts);
    expect((await send('POST', '/orders', { body: order })).status).toBe(201);
    expect((await intake.open()).length).toBeGreaterThan(0);
  });
});
