/** A queue that really is too long: who is refused, who is put off, who is served, and how it ends. */
import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  GetQueueUrlCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { resourceName } from '#functions/tables/names.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { eventsOf, mailsFor, orderOf } from './support/auditor.ts';
import { callerAs, type Send } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { stage } from './support/stage.ts';

const queue = 'email:send';
const sqs = new SQSClient(clientOptions(patience));
const lambda = new LambdaClient(clientOptions(patience));

const order = { lines: [{ itemId: 'book', quantity: 1 }], address: '1 Harbour Road' };
/** Longer than a reading stands in any environment. */
const withinMs = 30_000;

const urlOf = async () =>
  (await sqs.send(new GetQueueUrlCommand({ QueueName: resourceName(stage, queue) }))).QueueUrl;

/** Nobody receives from the queue any more, or somebody does again. */
async function workerIs(enabled: boolean): Promise<void> {
  const { EventSourceMappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName: resourceName(stage, 'email-send') }),
  );
  const [mapping] = EventSourceMappings;
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping?.UUID, Enabled: enabled }));
  await eventually(async () => {
    const { State } = await lambda.send(new GetEventSourceMappingCommand({ UUID: mapping?.UUID }));
    expect(State).toBe(enabled ? 'Enabled' : 'Disabled');
  }, 60_000);
}

/** Messages that nobody will ever receive: they are purged before the worker is let back in. */
async function fill(count: number): Promise<void> {
  const QueueUrl = await urlOf();
  const ids = Array.from({ length: count }, (_, n) => `m${n}`);
  const calls = Array.from({ length: Math.ceil(count / 10) }, (_, n) =>
    ids.slice(n * 10, n * 10 + 10),
  );
  for (let at = 0; at < calls.length; at += 8)
    await Promise.all(
      calls.slice(at, at + 8).map((call) =>
        sqs.send(
          new SendMessageBatchCommand({
            QueueUrl,
            Entries: call.map((Id) => ({ Id, MessageBody: 'of a test of pressure' })),
          }),
        ),
      ),
    );
}

const purge = async () => void (await sqs.send(new PurgeQueueCommand({ QueueUrl: await urlOf() })));

afterAll(async () => {
  await purge();
  await workerIs(true);
});

interface Stats {
  readonly pressure: {
    readonly level: string;
    readonly queues: readonly {
      readonly queue: string;
      readonly backlog: number;
      readonly oldestAgeMs: number;
    }[];
  };
}

const placing = (send: Send, headers = {}) =>
  send<{ id: string }>('POST', '/orders', { body: order, headers });

describe('pressure', () => {
  it('turns away what matters least first, spares what matters most, and passes with its cause', async () => {
    const user = await callerAs();
    const service = await callerAs({ role: 'service' });
    const levelIs = (level: string) =>
      eventually(async () => {
        const { status, body } = await service<Stats>('GET', '/stats');
        expect([status, body.pressure.level]).toEqual([200, level]);
        return body.pressure;
      }, withinMs);
    const { body: earlier } = await placing(user);
    await eventually(async () =>
      expect((await orderOf('acme', earlier.id))?.status).toBe('confirmed'),
    );

    await workerIs(false);
    await fill(600);
    const { queues } = await levelIs('WARNING');
    expect(queues.find((each) => each.queue === 'email-send')?.backlog).toBeGreaterThanOrEqual(600);

    // WARNING: LOW is refused, by its route or by its own word; NORMAL is served, and put off.
    const vote = () => user('GET', `/polls/${crypto.randomUUID()}`);
    const refused = await eventually(async () => {
      const answer = await vote();
      expect([answer.status, answer.body['type']]).toEqual([503, '/problems/overloaded']);
      return answer;
    }, withinMs);
    expect(refused.headers.get('retry-after')).toMatch(/^([1-9]|1[0-5])$/);
    await eventually(async () => {
      const { status } = await placing(user, { 'x-priority': 'low' });
      expect(status).toBe(503);
    }, withinMs);
    const putOff = await placing(user);
    expect(putOff.status).toBe(201);
    expect(await eventsOf([putOff.body.id])).toContainEqual(
      expect.objectContaining({ type: 'order.created', delaySeconds: 1 }),
    );
    await eventually(async () =>
      expect((await orderOf('acme', putOff.body.id))?.status).toBe('confirmed'),
    );

    // CRITICAL: NORMAL as well; HIGH and CRITICAL are served.
    await fill(500);
    await levelIs('CRITICAL');
    const key = crypto.randomUUID();
    await eventually(async () => {
      const { status } = await user('POST', '/orders', { body: order, key });
      expect(status).toBe(503);
    }, withinMs);
    const read = await user('GET', `/orders/${putOff.body.id}`);
    const cancelled = await user('DELETE', `/orders/${putOff.body.id}`, {
      headers: { 'if-match': read.headers.get('etag') ?? '' },
    });
    expect(cancelled.status).toBe(200);
    await eventually(async () =>
      expect(await eventsOf([putOff.body.id])).toContainEqual(
        expect.objectContaining({ type: 'order.cancelled', delaySeconds: 2 }),
      ),
    );
    const transfer = {
      fromAccountId: crypto.randomUUID(),
      toAccountId: crypto.randomUUID(),
      amountMinor: 1,
      currency: 'EUR',
    };
    const transferred = await user('POST', '/transfers', { body: transfer });
    expect(transferred.body['type']).toBe('/problems/account-unknown');

    // And back, though nothing but refused calls came meanwhile. The key of a refused one is free.
    await purge();
    await eventually(async () => {
      const { status } = await user('POST', '/orders', { body: order, key });
      expect(status).toBe(201);
    }, withinMs);
    await levelIs('NORMAL');
    await eventually(async () => expect((await vote()).status).not.toBe(503), withinMs);
  }, 240_000);

  it('is told of by a worker whose messages had to wait', async () => {
    const user = await callerAs();
    const service = await callerAs({ role: 'service' });
    await workerIs(false);
    const { body } = await placing(user);
    await eventually(async () =>
      expect((await orderOf('acme', body.id))?.status).toBe('confirmed'),
    );
    const beganAtMs = Date.now();
    await eventually(() => expect(Date.now() - beganAtMs).toBeGreaterThan(7_000), withinMs);
    await workerIs(true);
    await eventually(async () => expect(await mailsFor([body.id])).toHaveLength(1), withinMs);
    await eventually(async () => {
      const { pressure } = (await service<Stats>('GET', '/stats')).body;
      const mails = pressure.queues.find((each) => each.queue === 'email-send');
      expect(mails?.oldestAgeMs).toBeGreaterThanOrEqual(5_000);
    }, withinMs);
  }, 120_000);
});
