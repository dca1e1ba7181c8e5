/** Slots that several want: one gets all of them, nobody half, and a hold that has ended keeps nobody out. */
import { describe, expect, it } from 'vitest';
import { type BookingView, bookingAggregate, readBooking } from '#functions/domain/booking.ts';
import { bookingAddress, slotAddress } from '#functions/domain/keys.ts';
import { toInstant } from '#functions/domain/resource.ts';
import { readSlot } from '#functions/domain/slot.ts';
import type { Availability } from '#functions/get-availability/get-availability.ts';
import { everyItemOf, store } from './support/auditor.ts';
import { callerAs, type Send } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { invoke } from './support/queues.ts';

const tenant = 'load';
const resourceId = 'hall-1';
const slotMs = 300_000;
const dayMs = 86_400_000;

type Range = readonly [from: number, to: number];

/** Slots of five minutes on a day that no other test or run has. */
function freshDay(): (from: number, to: number) => string[] {
  const day = 80_000 + Math.floor(Math.random() * 1_000_000);
  const startMs = day * dayMs;
  return (from, to) =>
    Array.from({ length: to - from }, (_, nth) => toInstant(startMs + (from + nth) * slotMs));
}

const as = (user: string): Promise<Send> => callerAs({ tenant, user });

const hold = (send: Send, slots: readonly string[], more: object = {}, key = crypto.randomUUID()) =>
  send<BookingView>('POST', '/bookings', { body: { resourceId, slots, ...more }, key });

/** Whose each slot is, in the table itself. */
const ownersOf = (slots: readonly string[]) =>
  Promise.all(
    slots.map(
      async (start) =>
        readSlot(await store.read(slotAddress(tenant, resourceId, start)))?.bookingId,
    ),
  );

async function statesOf(send: Send, slots: readonly string[]): Promise<readonly string[]> {
  const [from = '', to = ''] = [slots[0], slots.at(-1)];
  const query = new URLSearchParams({ from, to: toInstant(Date.parse(to) + slotMs) });
  const { status, body } = await send<Availability>(
    'GET',
    `/resources/${resourceId}/availability?${query}`,
  );
  expect(status).toBe(200);
  return body.slots.map(({ state }) => state);
}

const storedOf = async (id: string) => {
  const item = await store.read(bookingAddress(tenant, id));
  return item && readBooking(item);
};

const eventsOf = async (id: string) =>
  (await everyItemOf('outbox'))
    .filter(({ kind, aggregate }) => kind === 'event' && aggregate === bookingAggregate(id))
    .map(({ type, seq }) => `${type} ${seq}`)
    .sort();

describe('slots that two want', () => {
  it('go to one of them, all or none, however their ranges overlap', async () => {
    const [one, two] = [await as('u1'), await as('u2')];
    const races: readonly (readonly [Range, Range])[] = [
      [
        [0, 3],
        [0, 3],
      ],
      [
        [0, 4],
        [2, 6],
      ],
      [
        [2, 6],
        [0, 4],
      ],
      [
        [0, 6],
        [2, 3],
      ],
      [
        [0, 1],
        [0, 1],
      ],
      [
        [5, 6],
        [0, 6],
      ],
    ];
    await Promise.all(
      races.map(async ([first, second]) => {
        const slots = freshDay();
        const wanted = [slots(...first), slots(...second)];
        const answers = await Promise.all([
          eventually(() => answered(hold(one, wanted[0] ?? []))),
          eventually(() => answered(hold(two, wanted[1] ?? []))),
        ]);
        expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
        const winner = answers.findIndex(({ status }) => status === 201);
        const id = answers[winner]?.body.id;
        expect(answers[1 - winner]?.body).toMatchObject({ type: '/problems/slot-taken' });
        const won = new Set(wanted[winner]);
        const all = slots(0, 6);
        expect(await ownersOf(all)).toEqual(all.map((start) => (won.has(start) ? id : undefined)));
      }),
    );
  });

  it('are held once by a request that is sent several times', async () => {
    const send = await as('u1');
    const slots = freshDay()(0, 2);
    const key = crypto.randomUUID();
    const answers = await Promise.all(
      [1, 2, 3].map(() => eventually(() => answered(hold(send, slots, {}, key)))),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const id = answers[0]?.body.id ?? '';
    expect(await ownersOf(slots)).toEqual([id, id]);
    expect(await eventsOf(id)).toEqual(['booking.held 1']);
  });
});

/** 503 says to ask again under the same key. */
async function answered<T extends { readonly status: number }>(asked: Promise<T>): Promise<T> {
  const answer = await asked;
  expect(answer.status).not.toBe(503);
  return answer;
}

describe('a hold', () => {
  it('is confirmed, then released, and its slots are seen as they are', async () => {
    const send = await as('u1');
    const slots = freshDay()(100, 103);
    const held = await hold(send, slots.toReversed());
    expect(held).toMatchObject({ status: 201, body: { status: 'held', version: 1, slots } });
    expect(new URL(held.headers.get('location') ?? '', held.url).pathname).toMatch(
      new RegExp(`/bookings/${held.body.id}$`),
    );
    expect(await statesOf(send, slots)).toEqual(['held', 'held', 'held']);

    const path = `/bookings/${held.body.id}`;
    const key = crypto.randomUUID();
    const confirmed = await send('POST', `${path}/confirmation`, { key });
    expect(confirmed).toMatchObject({ status: 200, body: { status: 'confirmed', version: 2 } });
    expect(confirmed.headers.get('etag')).toBe('"2"');
    expect(await statesOf(send, slots)).toEqual(['booked', 'booked', 'booked']);
    const again = await send('POST', `${path}/confirmation`, { key });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await send('POST', `${path}/confirmation`)).body).toEqual(confirmed.body);

    const released = await send('DELETE', path);
    expect(released).toMatchObject({ status: 200, body: { status: 'released', version: 3 } });
    expect(await statesOf(send, slots)).toEqual(['free', 'free', 'free']);
    for (const [method, at] of [
      ['DELETE', path],
      ['POST', `${path}/confirmation`],
    ] as const)
      expect((await send(method, at)).body).toMatchObject({ type: '/problems/booking-ended' });
    expect((await send('GET', path)).body).toEqual(released.body);
    expect(await eventsOf(held.body.id)).toEqual([
      'booking.confirmed 2',
      'booking.held 1',
      'booking.released 3',
    ]);
    expect((await hold(await as('u2'), slots)).status).toBe(201);
  });

  it('that has ended is not confirmed, can be taken over at once, and is swept', async () => {
    const [one, two] = [await as('u1'), await as('u2')];
    const [lost, left] = [freshDay()(0, 2), freshDay()(0, 2)];
    const short = { holdForSeconds: 5 };
    const [first, forgotten] = await Promise.all([hold(one, lost, short), hold(one, left, short)]);
    const path = `/bookings/${first.body.id}`;
    expect((await hold(two, lost)).body).toMatchObject({ type: '/problems/slot-taken' });
    await eventually(async () => {
      expect((await one('GET', path)).body).toMatchObject({ status: 'lapsed', version: 2 });
    });

    expect((await one('POST', `${path}/confirmation`)).body).toMatchObject({
      type: '/problems/hold-expired',
      status: 409,
    });
    expect((await one('DELETE', path)).body).toMatchObject({ type: '/problems/booking-ended' });
    expect(await statesOf(one, lost)).toEqual(['free', 'free']);
    const second = await hold(two, lost);
    expect(second.status).toBe(201);

    await Promise.all([invoke('booking-sweeper'), invoke('booking-sweeper')]);
    await eventually(async () => {
      await invoke('booking-sweeper');
      for (const { body } of [first, forgotten])
        expect(await storedOf(body.id)).toMatchObject({ status: 'lapsed', version: 2 });
    });
    expect(await ownersOf(left)).toEqual([undefined, undefined]);
    expect(await ownersOf(lost)).toEqual([second.body.id, second.body.id]);
    for (const { body } of [first, forgotten])
      expect(await eventsOf(body.id)).toEqual(['booking.held 1', 'booking.lapsed 2']);
    expect((await one('POST', `${path}/confirmation`)).body).toMatchObject({
      type: '/problems/hold-expired',
    });
    expect((await two('POST', `/bookings/${second.body.id}/confirmation`)).status).toBe(200);
    // A run of the schedule may be under way.
    await eventually(async () => {
      expect((await everyItemOf('lease')).filter(({ owner }) => owner !== null)).toEqual([]);
    });
    await eventually(async () => {
      const audited = (await everyItemOf('domain')).filter(
        ({ type, aggregate }) =>
          type === 'booking.lapsed' && aggregate === bookingAggregate(first.body.id),
      );
      expect(audited).toHaveLength(1);
    });
  });

  it('is nobody else’s to see or change', async () => {
    const [one, two] = [await as('u1'), await as('u2')];
    const { body } = await hold(one, freshDay()(0, 1));
    const path = `/bookings/${body.id}`;
    const answers = await Promise.all([
      two('GET', path),
      two('POST', `${path}/confirmation`),
      two('DELETE', path),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    const admin = await callerAs({ tenant, user: 'admin', role: 'admin' });
    expect((await admin('GET', path)).status).toBe(200);
  });
});

describe('what is no booking', () => {
  const [a, b, c, d] = freshDay()(0, 4) as [string, string, string, string];
  // biome-ignore format: a table, one request a row
  it.each([
    ['a slot twice',             { slots: [a, b, a] },                        422, 'slot-repeated',        '/slots/2'],
    ['a gap',                    { slots: [d, a, b] },                        422, 'slots-not-contiguous', '/slots/0'],
    ['between two slots',        { slots: [c.replace(':10:00', ':11:00')] },  422, 'slot-outside',         '/slots/0'],
    ['the past',                 { slots: ['2020-01-06T09:00:00Z'] },         422, 'slot-outside',         '/slots/0'],
    ['another resource',         { slots: [a], resourceId: 'nowhere' },       422, 'resource-unknown',     '/resourceId'],
    ['no slot',                  { slots: [] },                               400, 'invalid-request',      '/slots'],
    ['an instant without zone',  { slots: ['2090-01-09T09:00:00'] },          400, 'invalid-request',      '/slots/0'],
    ['too short a hold',         { slots: [a], holdForSeconds: 4 },           400, 'invalid-request',      '/holdForSeconds'],
    ['too long a hold',          { slots: [a], holdForSeconds: 901 },         400, 'invalid-request',      '/holdForSeconds'],
  ])('%s', async (_, body, status, slug, pointer) => {
    const answer = await hold(await as('u1'), [], body);
    expect(answer.body).toMatchObject({ status, type: `/problems/${slug}`, errors: [{ pointer }] });
  });

  it('a resource that is not there has no availability, nor has a window too wide or empty', async () => {
    const send = await as('u1');
    const ask = async (id: string, from: string, to: string) =>
      (await send('GET', `/resources/${id}/availability?${new URLSearchParams({ from, to })}`))
        .status;
    expect(await ask('nowhere', a, d)).toBe(404);
    expect(await ask(resourceId, d, a)).toBe(400);
    expect(await ask(resourceId, a, a)).toBe(400);
    expect(await ask(resourceId, '2090-01-01T00:00:00Z', '2090-01-08T00:00:01Z')).toBe(400);
  });
});
