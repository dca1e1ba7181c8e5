import { describe, expect, it } from 'vitest';
import { sentMailAddress, simulatedEmail } from '#functions/simulated-email/simulated-email.ts';
import { noFaults, simulatedFaultsWrite } from '#shared/faults/fault-items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const mail = { key: 'event-1', to: 'jo@example.com', template: 'order-confirmed', orderId: 'o1' };

function provider() {
  const store = memoryStore();
  return {
    store,
    ask: (request: unknown = mail) => simulatedEmail(request, { store, random: () => 0.5 }),
    fail: (faults: Partial<typeof noFaults>) =>
      store.write(simulatedFaultsWrite('state', 'email', { ...noFaults, ...faults })),
    sent: () => store.read(sentMailAddress('event-1')),
  };
}

describe('the simulated mail provider', () => {
  it('takes a mail and keeps what it did, but not the address', async () => {
    const { ask, store, sent } = provider();
    expect(await ask()).toEqual({ status: 202 });
    expect(await sent()).toMatchObject({ template: 'order-confirmed', orderId: 'o1', asked: 1 });
    expect(JSON.stringify(store.items('state'))).not.toContain('jo@example.com');
  });

  it('sends a mail once under its key, and counts how often it was asked', async () => {
    const { ask, sent, store } = provider();
    await ask();
    expect(await ask()).toEqual({ status: 202, repeated: true });
    expect(await ask()).toEqual({ status: 202, repeated: true });
    expect(await sent()).toMatchObject({ asked: 3 });
    expect(store.items('state')).toHaveLength(1);
  });

  it('refuses a key that was used for another mail', async () => {
    const { ask, sent } = provider();
    await ask();
    expect(await ask({ ...mail, orderId: 'o2' })).toEqual({ status: 422 });
    expect(await sent()).toMatchObject({ orderId: 'o1', asked: 1 });
  });

  it.each([
    ['no address', { ...mail, to: undefined }],
    ['an address that is none', { ...mail, to: 'nobody' }],
    ['no key', { ...mail, key: '' }],
    ['nothing', null],
  ])('refuses a request with %s', async (_, request) => {
    const { ask, store } = provider();
    expect(await ask(request)).toEqual({ status: 400 });
    expect(store.items('state')).toEqual([]);
  });

  it('answers 503 and sends nothing while it is switched to fail', async () => {
    const { ask, fail, sent } = provider();
    await fail({ errorRatio: 1 });
    expect(await ask()).toEqual({ status: 503 });
    expect(await sent()).toBeUndefined();
    await fail({});
    expect(await ask()).toEqual({ status: 202 });
  });

  it('has sent the mail when it breaks the connection: asking again sends none', async () => {
    const { ask, fail, sent } = provider();
    await fail({ reset: true });
    await expect(ask()).rejects.toThrow('the answer was lost');
    await fail({});
    expect(await ask()).toEqual({ status: 202, repeated: true });
    expect(await sent()).toMatchObject({ asked: 2 });
  });
});
