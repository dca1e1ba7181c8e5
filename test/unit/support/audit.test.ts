/** Each check finds nothing in a world in which all is right, and convicts each way in which it is not. */
import { describe, expect, it } from 'vitest';
import {
  accountAddress,
  auditAddress,
  bookingAddress,
  couponLeftAddress,
  itemStockAddress,
  lastEventAddress,
  orderAddress,
  redemptionAddress,
  relayJobAddress,
  relaySlotsAddress,
  rewardAddress,
  slotAddress,
  tallyAddress,
  transferAddress,
  voteAddress,
} from '#functions/domain/keys.ts';
import { sentMailAddress } from '#functions/simulated-email/simulated-email.ts';
import { takenJobAddress } from '#functions/simulated-relay-target/simulated-relay-target.ts';
import { recordAddress } from '#shared/idempotency/carrier.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { eventAddress } from '#shared/outbox/outbox-items.ts';
import type { Item } from '#shared/state/items.ts';
import { checks } from '../../e2e/support/audit/audit.ts';
import { type Action, recordKeyOf } from '../../e2e/support/hammer/action.ts';
import { accounts, pollIds, slotStarts } from '../../e2e/support/hammer/beginning.ts';
import type { Answer, Told, Trespass } from '../../e2e/support/hammer/told.ts';
import { answer, smallWorld, tenant, user, type World } from './small-books.ts';

type CheckName = keyof typeof checks;

const failing = (world: World): readonly string[] => {
  const books = world.books();
  return Object.entries(checks)
    .filter(([, check]) => check(books).length > 0)
    .map(([name]) => name);
};

const withAnswer =
  (fields: Partial<Answer>) =>
  (told: Told): Told => ({
    ...told,
    answers: [...told.answers, answer({ sentAtMs: 9, heardAtMs: 10, ...fields })],
  });

const refusedOnly = (told: Told): Told => ({
  ...told,
  impostors: [],
  answers: [answer({ status: 409, body: { type: '/problems/insufficient-funds' } })],
});

const account = (nth: number) => accountAddress(tenant, accounts[nth]?.id ?? '');
const inbox = (queue: string, id: string | undefined) =>
  recordAddress('state', unitKey('inbox', queue, id ?? ''));
const recordOf = (route: Action['route']) =>
  recordAddress(
    'state',
    recordKeyOf({ caller: { tenant, user, role: 'user' }, route, key: 'key 1' }),
  );
const event = (id: string | undefined) => eventAddress('outbox', id ?? '');
const job = (id: string) => relayJobAddress(tenant, id);
const letter = (queue: string, id: string | undefined) => ({
  table: 'parked',
  key: { pk: queue, sk: `${queue}#${id}` },
});
const trespassing =
  (by: Partial<Trespass>) =>
  (told: Told): Told => ({
    ...told,
    trespasses: told.trespasses.map((one) => ({ ...one, ...by })),
  });
const slot = (nth: number) => slotAddress(tenant, 'room-1', slotStarts[nth] ?? '');
const day = '2026-06-01';

/** What goes wrong, how, and which check must say so. */
const crimes: readonly (readonly [string, (world: World) => void, CheckName])[] = [
  [
    'a replay that differs from the first answer',
    ({ tell }) =>
      tell('create-order', withAnswer({ status: 201, body: { id: 'another' }, replayed: true })),
    'every key has one answer',
  ],
  [
    'a refusal after it was done',
    ({ tell }) =>
      tell(
        'create-transfer',
        withAnswer({ status: 409, body: { type: '/problems/insufficient-funds' } }),
      ),
    'every key has one answer',
  ],
  ...(['relay-full', 'request-in-progress'] as const).map(
    (slug) =>
      [
        `a ${slug} after it was done`,
        ({ tell }: World) =>
          tell('create-relay-job', (told) => ({
            ...told,
            turnedAway: [answer({ status: 429, body: { type: `/problems/${slug}` }, sentAtMs: 9 })],
          })),
        'every key has one answer',
      ] as const,
  ),
  [
    'a failure that no route may answer',
    ({ tell }) =>
      tell(
        'create-order',
        withAnswer({ status: 500, body: { type: '/problems/internal' }, sentAtMs: 0 }),
      ),
    'every key has one answer',
  ],
  [
    'a second answer as if for the first time',
    ({ tell }) =>
      tell('create-order', (told) => ({
        ...told,
        answers: told.answers.map((one) => ({ ...one, replayed: false })),
      })),
    'every key has one answer',
  ],
  [
    'another request under a key that was used',
    ({ tell }) => tell('cast-vote', (told) => ({ ...told, impostors: [answer({ status: 200 })] })),
    'every key has one answer',
  ],
  [
    'two effects of one key',
    ({ tell, publish, books }) => {
      const [traceId = ''] = books().told[0]?.traceIds ?? [];
      publish({ type: 'order.created', aggregate: 'order/another', seq: 1, traceId });
      tell('create-order', (told) => told);
    },
    'every key that was done has one effect, every other none',
  ],
  [
    'an effect of what was refused',
    ({ tell }) => tell('create-transfer', refusedOnly),
    'every key that was done has one effect, every other none',
  ],
  [
    'an answer without an effect',
    ({ remove, eventIds }) => remove(event(eventIds['transfer.completed'])),
    'every key that was done has one effect, every other none',
  ],
  [
    'an effect of nobody',
    ({ publish }) => publish({ type: 'reward.claimed', aggregate: 'reward/x', seq: 1 }),
    'no effect is there that nobody asked for',
  ],
  [
    'no record of what was done',
    ({ remove }) => remove(recordOf('create-transfer')),
    'every record holds what its callers heard, and refusals leave none',
  ],
  [
    'another answer in the record',
    ({ change }) => change(recordOf('create-transfer'), { answer: '{"id":"another"}' }),
    'every record holds what its callers heard, and refusals leave none',
  ],
  [
    'a lease that never ended',
    ({ change, tell }) => {
      tell('create-relay-job', refusedOnly);
      change(recordOf('create-relay-job'), { leaseUntilMs: 1 });
    },
    'every record holds what its callers heard, and refusals leave none',
  ],
  [
    'an entity whose record is gone',
    ({ change, ids }) => change(orderAddress(tenant, ids.order), { made: null }),
    'every record holds what its callers heard, and refusals leave none',
  ],
  [
    'a record of a refusal',
    ({ tell }) => tell('create-transfer', refusedOnly),
    'every record holds what its callers heard, and refusals leave none',
  ],
  [
    'a failure that is retained',
    ({ change }) => change(recordOf('cast-vote'), { answer: '{"type":"/problems/internal"}' }),
    'no failure is retained',
  ],
  [
    'money out of nothing',
    ({ change }) => change(account(5), { balanceMinor: 10_001 }),
    'no money is made or lost',
  ],
  [
    'a negative balance',
    ({ change }) => {
      change(account(5), { balanceMinor: -1 });
    },
    'no balance is negative',
  ],
  [
    'money that went to another',
    ({ change }) => {
      change(account(4), { balanceMinor: 9_999 });
      change(account(5), { balanceMinor: 10_001 });
    },
    'every balance is what its transfers make of it',
  ],
  [
    'a transfer that no balance knows',
    ({ put, ids, books }) => {
      const known = books().at(transferAddress(tenant, ids.transfer)) ?? {};
      const id = '0197a000-0000-7000-8000-00000000ffff';
      put(transferAddress(tenant, id), { ...known, id });
    },
    'every balance is what its transfers make of it',
  ],
  [
    'stock that was taken twice',
    ({ change }) => change(itemStockAddress(tenant, 'plenty'), { available: 99_999 }),
    'stock is what came in less what confirmed orders hold',
  ],
  [
    'stock that did not come back',
    ({ change, ids }) => change(orderAddress(tenant, ids.order), { status: 'cancelled' }),
    'stock is what came in less what confirmed orders hold',
  ],
  [
    'an order that nobody decided',
    ({ change, ids }) => change(orderAddress(tenant, ids.order), { status: 'pending' }),
    'every order is decided, once',
  ],
  [
    'an order that was decided twice',
    ({ publish, ids }) =>
      publish({ type: 'order.rejected', aggregate: `order/${ids.order}`, seq: 3 }),
    'every order is decided, once',
  ],
  [
    'a slot of two bookings',
    ({ put, books, ids }) => {
      const known = books().at(bookingAddress(tenant, ids.booking)) ?? {};
      const id = '0197a000-0000-7000-8000-00000000eeee';
      put(bookingAddress(tenant, id), { ...known, id });
    },
    'no slot is held or booked twice',
  ],
  [
    'a slot without its booking',
    ({ put }) => put(slot(7), { bookingId: 'nobody' }),
    'slots are those of their bookings',
  ],
  [
    'a booking without its slot',
    ({ remove }) => remove(slot(1)),
    'slots are those of their bookings',
  ],
  [
    'a confirmed booking whose slot lapses',
    ({ change }) => change(slot(1), { expiresAtMs: Date.UTC(2100, 0) }),
    'slots are those of their bookings',
  ],
  [
    'a released booking that keeps its slots',
    ({ change, ids }) => change(bookingAddress(tenant, ids.booking), { status: 'released' }),
    'slots are those of their bookings',
  ],
  [
    'a vote that was counted twice',
    ({ change }) =>
      change(tallyAddress(tenant, pollIds[0] ?? '', { partition: 0, shard: 3 }), { 'for:tea': 2 }),
    'tallies are the votes',
  ],
  [
    'a vote that was not counted',
    ({ change }) => change(voteAddress(tenant, pollIds[0] ?? '', user), { option: 'coffee' }),
    'tallies are the votes',
  ],
  [
    'a coupon that is gone without a redemption',
    ({ change }) => change(couponLeftAddress(tenant, 'HOT-5'), { left: 3 }),
    'coupons left and redeemed are those there were, one a user',
  ],
  [
    'a redemption that nobody was told of',
    ({ change }) => change(redemptionAddress(tenant, 'HOT-5', user), { id: 'another' }),
    'coupons left and redeemed are those there were, one a user',
  ],
  [
    'a reward claimed twice',
    ({ put, ids }) =>
      put(rewardAddress(tenant, user, `${day}b`), { id: ids.claim, userId: user, day }),
    'rewards are claimed once a user and day',
  ],
  [
    'a reward that nobody was told of',
    ({ change }) => change(rewardAddress(tenant, user, day), { id: 'another' }),
    'rewards are claimed once a user and day',
  ],
  [
    'an event that never came anywhere',
    ({ remove, eventIds }) => remove(inbox('audit:record', eventIds['transfer.completed'])),
    'every event has its effect or its letter',
  ],
  [
    'poison without a letter',
    ({ remove, poisonId }) =>
      remove({ table: 'parked', key: { pk: 'order:process', sk: `order:process#${poisonId}` } }),
    'what no consumer can do is parked once, with its cause',
  ],
  [
    'poison with two letters',
    ({ put, poisonId }) =>
      put(
        { table: 'parked', key: { pk: 'order:process', sk: 'again' } },
        { eventId: poisonId, tenant },
      ),
    'what no consumer can do is parked once, with its cause',
  ],
  [
    'a good event that was given up as if it were not',
    ({ put, eventIds }) =>
      put(
        { table: 'parked', key: { pk: 'email:send', sk: 'x' } },
        { eventId: eventIds['order.confirmed'] ?? '', tenant, cause: 'order-missing' },
      ),
    'what no consumer can do is parked once, with its cause',
  ],
  [
    'a version that was told twice',
    ({ publish, ids }) =>
      publish({ type: 'transfer.completed', aggregate: `transfer/${ids.transfer}`, seq: 1 }),
    'every version of an aggregate is told once',
  ],
  [
    'a version that was left out',
    ({ publish }) => publish({ type: 'item.changed', aggregate: 'item/plenty', seq: 4 }),
    'every version of an aggregate is told once',
  ],
  [
    'a mail that was never sent',
    ({ remove, eventIds }) => remove(sentMailAddress(eventIds['order.confirmed'] ?? '')),
    'every decided order has one mail',
  ],
  [
    'a mail that could not be delivered and was sent',
    ({ change, eventIds }) =>
      change(inbox('email:send', eventIds['order.confirmed']), {
        answer: '{"outcome":"undeliverable"}',
      }),
    'every decided order has one mail',
  ],
  [
    'an audited event without its entry',
    ({ remove, eventIds }) => remove(auditAddress(tenant, day, eventIds['vote.cast'] ?? '')),
    'every audited event has one entry',
  ],
  [
    'an entry in the audit without an event',
    ({ put }) => put(auditAddress(tenant, day, 'nothing'), { version: 1 }),
    'every audited event has one entry',
  ],
  [
    'an older event over a newer one',
    ({ change, eventIds }) =>
      change(lastEventAddress(tenant, 'item/plenty'), { lastEventId: eventIds['vote.cast'] ?? '' }),
    'no older event came over a newer one',
  ],
  [
    'a job that is accepted for ever',
    ({ change, ids }) => change(job(ids.job), { status: 'accepted' }),
    'every job of the relay has ended, as its event did',
  ],
  [
    'a job that failed and was said to be delivered',
    ({ change, jobEventIds: [id] }) =>
      change(inbox('relay:deliver', id), { answer: '{"outcome":"undeliverable"}' }),
    'every job of the relay has ended, as its event did',
  ],
  [
    'a job that was delivered and is parked',
    ({ change, ids }) => change(job(ids.job), { status: 'parked' }),
    'every job of the relay has ended, as its event did',
  ],
  [
    'a job that was never told of',
    ({ remove, jobEventIds: [id] }) => remove(event(id)),
    'every job of the relay has ended, as its event did',
  ],
  [
    'a job that was told of twice',
    ({ publish, ids }) =>
      publish({
        type: 'relay.accepted',
        aggregate: `relay/${ids.job}`,
        seq: 2,
        data: { jobId: ids.job },
      }),
    'every job of the relay has ended, as its event did',
  ],
  [
    'a place that was never given back',
    ({ put }) => put(relaySlotsAddress(undefined), { taken: 1 }),
    'a place of the relay is taken for each accepted job, and for no other',
  ],
  [
    'a job of another tenant of the share without a place',
    ({ put, books, ids }) => {
      const known = books().at(job(ids.job)) ?? {};
      put(relayJobAddress('stranger', ids.job), {
        ...known,
        tenant: 'stranger',
        status: 'accepted',
      });
    },
    'a place of the relay is taken for each accepted job, and for no other',
  ],
  [
    'a delivered job that the target never took',
    ({ remove, jobEventIds: [id] }) => remove(takenJobAddress(id)),
    'the target took every delivered job, under one key',
  ],
  [
    'a job that the target took under another key as well',
    ({ put, ids }) => put(takenJobAddress('another'), { jobId: ids.job }),
    'the target took every delivered job, under one key',
  ],
  [
    'a job that the target took under another key instead',
    ({ put, remove, ids, jobEventIds: [id] }) => {
      remove(takenJobAddress(id));
      put(takenJobAddress('another'), { jobId: ids.job });
    },
    'the target took every delivered job, under one key',
  ],
  [
    'a failed job that the target took',
    ({ change, ids }) => change(job(ids.job), { status: 'failed' }),
    'the target took every delivered job, under one key',
  ],
  [
    'a parked job without its letter',
    ({ remove, jobEventIds: [, id] }) => remove(letter('relay:deliver', id)),
    'a job of the relay is parked with its letter',
  ],
  [
    'a letter whose job was not given up',
    ({ change, ids }) => change(job(ids.parkedJob), { status: 'accepted' }),
    'a job of the relay is parked with its letter',
  ],
  [
    'an accepted job that is not there',
    ({ remove, ids }) => remove(job(ids.parkedJob)),
    'a job of the relay is parked with its letter',
  ],
  [
    'a trespasser who was let in',
    ({ tell }) => tell('create-order', trespassing({ answer: answer({ status: 201 }) })),
    'whoever names another tenant is refused',
  ],
  [
    'a trespasser who was refused for another reason',
    ({ tell }) =>
      tell(
        'create-order',
        trespassing({ answer: answer({ status: 403, body: { type: '/problems/forbidden' } }) }),
      ),
    'whoever names another tenant is refused',
  ],
  [
    'a trespasser who was told so with another status',
    ({ tell }) =>
      tell(
        'create-order',
        trespassing({ answer: answer({ body: { type: '/problems/tenant-mismatch' } }) }),
      ),
    'whoever names another tenant is refused',
  ],
  [
    'an effect of a trespasser',
    ({ publish, books }) => {
      const [traceId = ''] = books().told[0]?.trespasses[0]?.traceIds ?? [];
      publish({ type: 'order.created', aggregate: 'order/another', seq: 1, traceId });
    },
    'no effect is there that nobody asked for',
  ],
  [
    'no violation of all that were made',
    ({ remove, eventIds }) => remove(event(eventIds['tenant.violated'])),
    'every violation is recorded as it was, and no other',
  ],
  [
    'a violation of nobody',
    ({ publish }) => publish({ type: 'tenant.violated', aggregate: 'violation/2', seq: 1 }),
    'every violation is recorded as it was, and no other',
  ],
  [
    'a violation that is recorded twice',
    ({ publish, put, books, eventIds }) => {
      const [traceId = ''] = books().told[0]?.trespasses[0]?.traceIds ?? [];
      const first = eventIds['tenant.violated'] ?? '';
      const entry = books().at(auditAddress(tenant, day, first)) ?? {};
      const again = { type: 'tenant.violated', aggregate: 'violation/2', seq: 1, traceId };
      const id = publish({ ...again, data: entry['data'] as Item });
      put(auditAddress(tenant, day, id), { ...entry, id });
    },
    'every violation is recorded as it was, and no other',
  ],
  [
    'a violation that is recorded as one of another tenant',
    ({ tell }) => tell('create-order', trespassing({ naming: 'third' })),
    'every violation is recorded as it was, and no other',
  ],
  [
    'a violation that is recorded under another tenant than its caller’s',
    ({ tell }) =>
      tell('create-order', (told) => ({
        ...told,
        action: { ...told.action, caller: { ...told.action.caller, tenant: 'third' } },
      })),
    'every violation is recorded as it was, and no other',
  ],
  [
    'a violation without its entry',
    ({ remove, eventIds }) => remove(auditAddress(tenant, day, eventIds['tenant.violated'] ?? '')),
    'every violation is recorded as it was, and no other',
  ],
  [
    'a violation that is in no list',
    ({ change, eventIds }) =>
      change(auditAddress(tenant, day, eventIds['tenant.violated'] ?? ''), { listPk: 'none' }),
    'every violation is recorded as it was, and no other',
  ],
  [
    'an entry that says something else',
    ({ change, books, eventIds }) => {
      const at = auditAddress(tenant, day, eventIds['tenant.violated'] ?? '');
      const { data } = books().at(at) ?? {};
      change(at, { data: { ...(data as Item), attempted: 'third' } });
    },
    'every violation is recorded as it was, and no other',
  ],
];

describe('the audit', () => {
  it('finds nothing where all is right', () => {
    const books = smallWorld().books();
    expect(Object.values(checks).flatMap((check) => check(books))).toEqual([]);
  });

  it.each(crimes)('finds %s', (_, commit, check) => {
    const world = smallWorld();
    commit(world);
    expect(failing(world)).toContain(check);
  });

  it('has every check convict something', () => {
    expect(new Set(crimes.map(([, , check]) => check))).toEqual(new Set(Object.keys(checks)));
  });

  it('takes a refusal before it was done, and no effect of what changes nothing, for right', () => {
    const world = smallWorld();
    world.tell('create-order', (told) => ({
      ...told,
      answers: [
        answer({
          status: 422,
          body: { type: '/problems/item-unknown' },
          sentAtMs: -5,
          heardAtMs: -4,
        }),
        ...told.answers,
      ],
    }));
    expect(failing(world)).toEqual([]);
    world.remove(event(world.eventIds['vote.cast']));
    expect(failing(world)).not.toContain(
      'every key that was done has one effect, every other none',
    );
  });
});
