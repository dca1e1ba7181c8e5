/** Of a batch of new events one cannot be sent, or never can: what becomes of the others, and of it. */
import { describe, expect, it } from 'vitest';
import { orderAggregate } from '#functions/domain/order.ts';
import { publish } from '#functions/publish.ts';
import type { EventType } from '#functions/tables/events.ts';
import { logGroupName } from '#functions/tables/names.ts';
import { type Line, readLine } from '#ops/log-line.ts';
import { logsOf } from '#ops/log-reader.ts';
import type { Address, Item, Write } from '#shared/state/items.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { everyItemOf, mailsFor, store } from './support/auditor.ts';
import { eventually } from './support/eventually.ts';
import { changeVariables, cutOffFrom } from './support/function-variables.ts';
import { needs } from './support/needs.ts';
import { pendingOrder } from './support/pending-order.ts';
import { invoke } from './support/queues.ts';
import { stage } from './support/stage.ts';

const suiteBeganMs = Date.now();

/** What the relay or the sweeper said of an event, oldest first. */
async function saidOf(
  write: Write,
  by: 'outbox-relay' | 'outbox-sweeper',
): Promise<readonly Line[]> {
  const group = logGroupName(stage, by);
  const events = await logsOf(stage).logs.read({ group, sinceMs: suiteBeganMs });
  const lines = events.flatMap((event) => readLine(by, event) ?? []);
  return lines.filter(({ fields }) => JSON.stringify(fields).includes(idOf(write)));
}

const idOf = ({ at }: Write): string => at.key['sk'] ?? '';

/** The ledgers that name an event, as sent or parked, oldest first. */
async function ledgersOf(write: Write): Promise<readonly Item[]> {
  const ledgers = (await everyItemOf('outbox')).filter(({ kind }) => kind === 'ledger');
  return ledgers
    .filter((ledger) => [ledger['sent'], ledger['parked']].flat().includes(idOf(write)))
    .sort((a, b) => (String(a['sk']) < String(b['sk']) ? -1 : 1));
}

const told = () => ({ trace: newTrace(), correlationId: 'partial-batch-test' });

/** An event that is audited, of a poll that nobody else has. */
const audited = (pollId: string = crypto.randomUUID()): Write =>
  publish(
    {
      ...{ type: 'vote.cast', tenant: 'acme', aggregate: `poll/${pollId}`, seq: 1 },
      data: { pollId, userId: 'u1' },
    },
    told(),
  );

const ofOrder = (type: EventType & `order.${string}`, orderId: string, seq: number): Write =>
  publish(
    {
      ...{ type, tenant: 'acme', aggregate: orderAggregate(orderId), seq },
      data: { orderId, userId: 'u1' },
    },
    told(),
  );

/** In one transaction, so that the stream has them together and in this order. */
const commit = (writes: readonly Write[]) => store.commit({ token: crypto.randomUUID(), writes });

type Batch = readonly [Write, Write, Write, Write, Write];

/**
 * A batch whose third event, a mail of an order, cannot be sent; the fourth is the order's next. Mail
 * is sent again when `until` holds, and all of the batch is on its way when this ends.
 */
async function whileMailIsCutOff(until: (batch: Batch) => Promise<void>) {
  const orderId = await pendingOrder();
  const batch: Batch = [
    audited(),
    audited(),
    ofOrder('order.confirmed', orderId, 2),
    ofOrder('order.changed', orderId, 3),
    audited(),
  ];
  const restore = await changeVariables(['outbox-relay'], {
    change: cutOffFrom('QUEUE_URLS_EMAIL_SEND'),
  });
  try {
    await commit(batch);
    await eventually(() => until(batch), 40_000);
  } finally {
    await restore();
  }
  await eventually(async () => {
    await invoke('outbox-sweeper');
    for (const event of batch) expect(await ledgersOf(event)).not.toEqual([]);
  }, 40_000);
  return { orderId, batch };
}

const count = (lines: readonly Line[], message: string): number =>
  lines.filter((line) => line.message === message).length;

/** A log arrives after what it tells of. */
const relayedOnce = (events: readonly Write[]): Promise<void> =>
  eventually(async () => {
    for (const event of events)
      expect(count(await saidOf(event, 'outbox-relay'), 'event relayed')).toBe(1);
  });

/** The ledger of the first that handed it on, whose id begins with the time; one hands on in order. */
const firstLedger = async (event: Write): Promise<string> =>
  String((await ledgersOf(event))[0]?.['sk']);

describe('an event whose queue is out of reach', { timeout: 120_000 }, () => {
  it('comes later, with what follows it behind; what was sent before it and beside it is not lost', async () => {
    const { orderId, batch } = await whileMailIsCutOff(async ([first, second, mail, , other]) => {
      expect(count(await saidOf(mail, 'outbox-relay'), 'outbox send-failed')).toBeGreaterThan(0);
      for (const event of [first, second, other]) expect(await ledgersOf(event)).not.toEqual([]);
    });
    const [first, second, mail, next] = batch;
    await relayedOnce([first, second]);
    const [ofMail, ofNext] = await Promise.all([firstLedger(mail), firstLedger(next)]);
    expect(ofNext >= ofMail, `${ofNext} is not before ${ofMail}`).toBe(true);
    await eventually(async () => expect(await mailsFor([orderId])).toMatchObject([{ asked: 1 }]));
  });

  it('has the stream come again from it on, and not with what was sent before', async (context) => {
    await needs(context, 'stream-partial-batch');
    const { batch } = await whileMailIsCutOff(async ([, , mail]) => {
      expect(count(await saidOf(mail, 'outbox-relay'), 'outbox send-failed')).toBeGreaterThan(1);
    });
    const [first, second, , , other] = batch;
    await relayedOnce([first, second]);
    await eventually(async () =>
      expect(count(await saidOf(other, 'outbox-relay'), 'event relayed')).toBeGreaterThan(1),
    );
  });
});

describe('an event that no queue can ever take', { timeout: 60_000 }, () => {
  const parkedAt = (event: Write): Address => ({
    table: 'parked',
    key: { pk: 'outbox', sk: idOf(event) },
  });

  const itemOf = (write: Write): Item => ('put' in write ? write.put : {});

  it.each([
    ['unknown-event-type', () => ({ ...itemOf(audited()), type: 'vote.vanished' })],
    ['unreadable', () => ({ kind: 'event', note: 'this is none' })],
  ])('is parked as %s at its first try, and holds up nobody', async (cause, put) => {
    const poison: Write = { put: put() as Item, at: audited().at, when: { absent: true } };
    const [before, after] = [audited(), audited()];
    await commit([before, poison, after]);
    await eventually(async () => {
      for (const event of [before, after]) expect(await ledgersOf(event)).not.toEqual([]);
      expect(await store.read(parkedAt(poison))).toMatchObject({ cause });
    });
    await relayedOnce([before, after]);
    expect(await ledgersOf(poison)).toMatchObject([{ parked: [idOf(poison)] }]);
    // Nobody else should find it among what operators have to look at.
    for (const at of [parkedAt(poison), poison.at]) await store.write({ remove: true, at });
  });
});
