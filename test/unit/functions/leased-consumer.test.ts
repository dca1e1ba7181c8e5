import { describe, expect, it } from 'vitest';
import type { EventOf } from '#functions/consumed-event.ts';
import type { EffectingConsumer, Outside } from '#functions/consumer.ts';
import { onceByEvent } from '#functions/once-by-event.ts';
import { queues } from '#functions/tables/queues.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { InProgressElsewhere, PermanentFault } from '#shared/worker/faults.ts';
import { recordedSignals } from './recorded-signals.ts';

type Event = EventOf<'order.confirmed'>;
type Effect = EffectingConsumer<'order.confirmed'>['effect'];

const trace = newTrace();

const confirmed = (fields: Partial<Event> = {}): Event => ({
  id: uuidV7(),
  type: 'order.confirmed',
  tenant: 'acme',
  aggregate: 'order/o1',
  seq: 2,
  occurredAtMs: 0,
  traceparent: '',
  correlationId: 'request-1',
  data: { orderId: 'o1', userId: 'u1' },
  ...fields,
});

function desk() {
  const store = memoryStore();
  const { signals, metrics } = recordedSignals();
  const asked: string[] = [];
  const mails: Effect = async (_, { key }) => {
    asked.push(key);
    return { outcome: 'done' };
  };
  return {
    store,
    asked,
    mails,
    units: () =>
      metrics
        .filter(({ name }) => name === 'UnitsOfWork')
        .map(({ dimensions }) => Object.values(dimensions).at(-1)),
    mail: (event: Event, effect: Effect = mails, attempt = 1) =>
      onceByEvent('email:send', { events: ['order.confirmed'], store, effect })(event, {
        attempt,
        trace,
        scope: signals.scope({ trace }),
        time: deadline({ inMs: 60_000 }),
      }),
  };
}

const timesOut: Effect = async () => {
  throw new TypeError('no answer');
};

describe('a consumer with an effect outside', () => {
  it('asks under the id of the event, while it holds a lease, and records what came of it', async () => {
    const { store, asked, mail, mails } = desk();
    const event = confirmed();
    let held: unknown;
    let given: Outside | undefined;
    const outcome = await mail(event, async (told, outside) => {
      [held] = store.items('state');
      given = outside;
      return mails(told, outside);
    });
    expect([outcome, asked]).toEqual(['done', [event.id]]);
    expect(held).toMatchObject({ status: 'running', outsideKey: event.id });
    expect(given?.trace).toBe(trace);
    expect(given?.deadline.remainingMs()).toBeLessThanOrEqual(queues['email:send'].tryMs - 500);
    expect(store.items('state')).toMatchObject([{ answer: '{"outcome":"done"}' }]);
  });

  it('finds an event that comes again done, and asks no more', async () => {
    const { asked, mail } = desk();
    const event = confirmed();
    await mail(event);
    expect([await mail(event), await mail(event, timesOut, 2)]).toEqual(['duplicate', 'duplicate']);
    expect(asked).toHaveLength(1);
  });

  it('knows an event again whatever its consumer did to its own copy', async () => {
    const { mail, mails } = desk();
    const event = confirmed();
    // powertools-lambda-typescript#5715: a handler that changed its event completed under another key.
    await mail(structuredClone(event), async (told, outside) => {
      Object.assign(told, { id: 'changed', data: {} });
      return mails(told, outside);
    });
    expect(await mail(event)).toBe('duplicate');
  });

  it('leaves an event to whoever is at it, for the rest of the lease', async () => {
    const { asked, mail, mails, units } = desk();
    const event = confirmed();
    let fault: unknown;
    await mail(event, async (told, outside) => {
      fault = await mail(event, mails, 2).catch((error: unknown) => error);
      return mails(told, outside);
    });
    expect(fault).toBeInstanceOf(InProgressElsewhere);
    const { remainingMs } = fault as InProgressElsewhere;
    expect(remainingMs).toBeGreaterThan(0);
    expect(remainingMs).toBeLessThanOrEqual(queues['email:send'].tryMs);
    expect(asked).toHaveLength(1);
    expect(units()).toEqual(['in-progress', 'committed']);
  });

  it('fails as the effect failed, and asks again under the same key the next time', async () => {
    const { asked, mail, mails } = desk();
    const event = confirmed();
    const first = mail(event, async (told, outside) => {
      await mails(told, outside);
      return timesOut(told, outside);
    });
    await expect(first).rejects.toThrow(TypeError);
    expect(await mail(event, mails, 2)).toBe('done');
    expect(asked).toEqual([event.id, event.id]);
  });

  it('says that trying again cannot help where its effect says so', async () => {
    const failing = desk().mail(confirmed(), async () => {
      throw new PermanentFault('template-missing');
    });
    await expect(failing).rejects.toThrow(new PermanentFault('template-missing'));
  });

  it('takes another event under a used id for somebody’s mistake', async () => {
    const { mail } = desk();
    const event = confirmed();
    await mail(event);
    const other = mail({ ...event, data: { orderId: 'o2', userId: 'u1' } });
    await expect(other).rejects.toThrow(new PermanentFault('event-id-reused'));
  });
});
