/** What cannot be done ends where an operator finds it, with the reason; the rest goes on. */
import { afterAll, describe, expect, it } from 'vitest';
import {
  noFaults,
  simulatedFaultsAddress,
  simulatedFaultsWrite,
} from '#shared/faults/fault-items.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import { mailsFor, orderOf, store } from './support/auditor.ts';
import { callerAs } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { needs } from './support/needs.ts';
import { parkedLettersOf, sendTo } from './support/queues.ts';

const order = { lines: [{ itemId: 'book', quantity: 1 }], address: '1 Harbour Road' };

const event = (fields: object) =>
  JSON.stringify({
    id: uuidV7(),
    type: 'order.created',
    tenant: 'acme',
    aggregate: 'order/none',
    seq: 1,
    occurredAtMs: Date.now(),
    traceparent: toTraceparent(newTrace()),
    correlationId: crypto.randomUUID(),
    data: { orderId: 'none', userId: 'u1' },
    ...fields,
  });

const letterOf = (messageId: string) =>
  eventually(async () => {
    const letters = await parkedLettersOf('order:process');
    return (
      letters.find((letter) => letter.messageId === messageId) ?? expect.fail('it is not parked')
    );
  });

/** What a body says, however its JSON is spaced. */
function meaningOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

describe('a message that no worker can ever do', () => {
  it.each([
    ['not-json', `not JSON ${crypto.randomUUID()}`],
    ['not-an-event', event({ id: 'no-uuid' })],
    ['unknown-event-type', event({ type: 'order.vanished' })],
    ['invalid-event-data', event({ data: { orderId: 7 } })],
    ['older-than-inbox', event({ occurredAtMs: 0 })],
    ['order-missing', event({})],
  ])('is parked at once, as %s', async (cause, body) => {
    const messageId = await sendTo('order:process', body);
    const letter = await letterOf(messageId);
    expect(letter).toMatchObject({ state: 'parked', cause, attempt: 1, parkings: 1 });
    expect(meaningOf(letter.body ?? '')).toEqual(meaningOf(body));
  });

  it('is parked as it was sent, to the letter', async (context) => {
    await needs(context, 'queue-body');
    const body = event({}).replaceAll(':', ' :  ');
    expect((await letterOf(await sendTo('order:process', body))).body).toBe(body);
  });

  it('does not keep the orders behind it from their end', async () => {
    const send = await callerAs();
    for (let n = 0; n < 5; n++) await sendTo('order:process', `poison ${n}`);
    const { body } = await send<{ id: string }>('POST', '/orders', { body: order });
    await eventually(async () => {
      expect((await orderOf('acme', body.id))?.status).toBe('confirmed');
    });
  });
});

describe('a mail whose provider is down', () => {
  afterAll(() => store.write({ remove: true, at: simulatedFaultsAddress('state', 'email') }));

  it('is tried again until the provider is back, and sent once', { timeout: 60_000 }, async () => {
    const admin = await callerAs({ user: 'admin', role: 'admin' });
    const down = { ...noFaults, errorRatio: 1 };
    const set = await admin('PUT', '/simulated/email/faults', { body: down });
    expect(set).toMatchObject({ status: 200, body: down });

    const send = await callerAs();
    const { body } = await send<{ id: string }>('POST', '/orders', { body: order });
    await eventually(async () => {
      expect((await orderOf('acme', body.id))?.status).toBe('confirmed');
    });
    await admin('PUT', '/simulated/email/faults', { body: noFaults });
    await eventually(async () => {
      expect(await mailsFor([body.id])).toMatchObject([{ template: 'order-confirmed' }]);
    }, 40_000);
  });

  it('is sent once although its first answer was lost', { timeout: 60_000 }, async () => {
    await store.write(simulatedFaultsWrite('state', 'email', { ...noFaults, reset: true }));
    const send = await callerAs();
    const { body } = await send<{ id: string }>('POST', '/orders', { body: order });
    await eventually(async () => {
      expect(await mailsFor([body.id])).toHaveLength(1);
    });
    await store.write(simulatedFaultsWrite('state', 'email', noFaults));
    await eventually(async () => {
      const [mail] = await mailsFor([body.id]);
      expect(mail?.['asked']).toBeGreaterThan(1);
    }, 40_000);
    expect(await mailsFor([body.id])).toHaveLength(1);
  });

  it('is parked when its attempts are used up', {
    timeout: 120_000,
  }, async () => {
    await store.write(simulatedFaultsWrite('state', 'email', { ...noFaults, errorRatio: 1 }));
    const send = await callerAs();
    const { body, traceId } = await send<{ id: string }>('POST', '/orders', { body: order });
    const letter = await eventually(async () => {
      const letters = await parkedLettersOf('email:send');
      const found = letters.find((one) => one.body?.includes(body.id));
      expect(found).toBeDefined();
      return found;
    }, 100_000);
    expect(letter).toMatchObject({
      cause: 'attempts-exhausted',
      error: 'MailerUnavailableError',
      event: { type: 'order.confirmed', tenant: 'acme' },
    });
    expect(letter?.traceparent).toContain(traceId);
  });
});
