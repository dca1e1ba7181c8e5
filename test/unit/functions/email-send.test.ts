import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { userAddress } from '#functions/domain/keys.ts';
import { sendEmail } from '#functions/email-send/email-send.ts';
import { lambdaMailer, MailerUnavailableError } from '#functions/email-send/lambda-mailer.ts';
import type { Mail } from '#functions/email-send/mailer.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import { RecipientFault } from '#shared/worker/faults.ts';

const id = uuidV7();
const trace = newTrace();
const around = { trace, deadline: deadline({ inMs: 60_000 }) };

async function post({
  type = 'order.confirmed',
  userId = 'u1',
  failure,
}: {
  type?: 'order.confirmed' | 'order.rejected' | 'order.cancelled';
  userId?: string;
  failure?: Error;
} = {}) {
  const store = memoryStore();
  await store.write({
    put: { version: 1, name: 'Jo', email: 'jo@example.com' },
    at: userAddress('acme', 'u1'),
  });
  const mails: Mail[] = [];
  const done = await sendEmail(
    {
      id,
      type,
      tenant: 'acme',
      aggregate: 'order/o1',
      seq: 2,
      occurredAtMs: 0,
      traceparent: '',
      correlationId: 'request-1',
      data: { orderId: 'o1', userId },
    },
    {
      async send(mail) {
        mails.push(mail);
        if (failure) throw failure;
      },
    },
    { ...around, key: id, look: (at) => store.read(at) },
  );
  return { mails, done };
}

describe('mailing a decided order', () => {
  it.each([
    ['order.confirmed', 'order-confirmed'],
    ['order.rejected', 'order-rejected'],
    ['order.cancelled', 'order-cancelled'],
  ] as const)('tells the user of %s, under the key it is given', async (type, template) => {
    const { mails, done } = await post({ type });
    expect(mails).toEqual([{ key: id, to: 'jo@example.com', template, orderId: 'o1' }]);
    expect(done).toEqual({ outcome: 'done' });
  });

  it('records a user who is gone, and sends nothing', async () => {
    const { mails, done } = await post({ userId: 'nobody' });
    expect(mails).toEqual([]);
    expect(done).toEqual({ outcome: 'undeliverable', reason: 'user-unknown' });
  });

  it('records a recipient that the provider refuses', async () => {
    const { done } = await post({ failure: new RecipientFault('422') });
    expect(done).toEqual({ outcome: 'undeliverable', reason: 'recipient-refused' });
  });

  it('fails where the provider fails, so that it is tried again', async () => {
    await expect(post({ failure: new MailerUnavailableError('503') })).rejects.toThrow('503');
  });

  it('keeps no address in what is recorded', async () => {
    for (const options of [{}, { failure: new RecipientFault('jo@example.com is full') }])
      expect(JSON.stringify((await post(options)).done)).not.toContain('jo@example.com');
  });
});

describe('the mailer over the simulated provider', () => {
  const mail: Mail = { key: id, to: 'jo@example.com', template: 'order-confirmed', orderId: 'o1' };
  const answering = (answer: { FunctionError?: string; Payload?: unknown }) => {
    const client = mockClient(LambdaClient);
    const Payload = Buffer.from(JSON.stringify(answer.Payload ?? null));
    client.on(InvokeCommand).resolves({ ...answer, Payload } as never);
    const mailer = lambdaMailer({ client: new LambdaClient({}), functionName: 'provider' });
    return { client, mailer };
  };

  it('hands over the mail with its key and its trace', async () => {
    const { client, mailer } = answering({ Payload: { status: 202 } });
    await mailer.send(mail, around);
    const [call] = client.commandCalls(InvokeCommand);
    expect(call?.args[0].input.FunctionName).toBe('provider');
    expect(JSON.parse(String(call?.args[0].input.Payload))).toEqual({
      ...mail,
      traceparent: toTraceparent(trace),
    });
  });

  it.each([400, 404, 422, 499])('takes %i for the refusal of a recipient', async (status) => {
    const { mailer } = answering({ Payload: { status } });
    await expect(mailer.send(mail, around)).rejects.toThrow(RecipientFault);
  });

  it.each([
    ['a 503', { Payload: { status: 503 } }],
    ['a 429', { Payload: { status: 429 } }],
    ['a broken connection', { FunctionError: 'Unhandled', Payload: { errorType: 'x' } }],
    ['an answer that is none', { Payload: null }],
    ['an answer without a status', { Payload: 'ok' }],
  ])('takes %s for a failure that may pass', async (_, answer) => {
    const { mailer } = answering(answer);
    await expect(mailer.send(mail, around)).rejects.toThrow(MailerUnavailableError);
  });

  it('never says the address in what it throws', async () => {
    for (const status of [422, 503]) {
      const { mailer } = answering({ Payload: { status } });
      const error: unknown = await mailer.send(mail, around).catch((thrown: unknown) => thrown);
      expect(String(error)).not.toContain('jo@example.com');
    }
  });
});
