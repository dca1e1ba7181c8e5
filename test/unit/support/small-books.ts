/** A small world in which everything is right: one of each, as the service itself would write it. */
import {
  accountAddress,
  auditAddress,
  bookingAddress,
  couponAddress,
  couponLeftAddress,
  itemPriceAddress,
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
import { type RelayJob, toRelayJobItem } from '#functions/domain/relay-job.ts';
import { toViolationItem, type Violated } from '#functions/domain/violation.ts';
import { sentMailAddress } from '#functions/simulated-email/simulated-email.ts';
import { takenJobAddress } from '#functions/simulated-relay-target/simulated-relay-target.ts';
import type { RouteName } from '#functions/tables/routes.ts';
import { recordAddress } from '#shared/idempotency/carrier.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { eventAddress, eventWrite } from '#shared/outbox/outbox-items.ts';
import { type Address, addressText, type Item, type Value } from '#shared/state/items.ts';
import { newTrace, toTraceparent } from '#shared/telemetry/trace.ts';
import { type Books, booksOf, queueOf } from '../../e2e/support/audit/books.ts';
import { type Action, madeIdOf, recordKeyOf } from '../../e2e/support/hammer/action.ts';
import {
  accounts,
  coupons,
  openingMinor,
  pollIds,
  slotStarts,
  stock,
} from '../../e2e/support/hammer/beginning.ts';
import type { Answer, Told } from '../../e2e/support/hammer/told.ts';

export const tenant = 'small';
export const user = 'u1';
export const otherTenant = 'large';
const nowMs = Date.UTC(2026, 5, 1, 12);
const day = '2026-06-01';

export const answer = (fields: Partial<Answer> = {}): Answer => ({
  status: 200,
  body: {},
  etag: null,
  location: null,
  replayed: false,
  sentAtMs: 0,
  heardAtMs: 1,
  traceId: '',
  ...fields,
});

/** What tests change: items by address, and what was told by its route. */
export interface World {
  readonly put: (at: Address, item: Item) => void;
  readonly change: (at: Address, by: Item) => void;
  readonly remove: (at: Address) => void;
  readonly tell: (route: RouteName, change: (told: Told) => Told) => void;
  readonly publish: (fields: Publishing) => string;
  readonly ids: Readonly<
    Record<'order' | 'transfer' | 'booking' | 'redemption' | 'claim' | 'job' | 'parkedJob', string>
  >;
  /** The last of each type. */
  readonly eventIds: Readonly<Record<string, string>>;
  /** Of the job that was delivered, and of the one that is parked. */
  readonly jobEventIds: readonly [string, string];
  readonly poisonId: string;
  readonly books: () => Books;
}

interface Publishing {
  readonly type: string;
  readonly aggregate: string;
  readonly seq: number;
  readonly traceId?: string;
  readonly data?: Item;
  /** Its consumer did it. */
  readonly done?: boolean;
}

export function smallWorld(): World {
  const items = new Map<string, { readonly at: Address; readonly item: Item }>();
  const put = (at: Address, item: Item) =>
    items.set(addressText(at), { at, item: { ...item, ...at.key } });
  const told: Told[] = [];
  const eventIds: Record<string, string> = {};

  function publish({ type, aggregate, seq, traceId, data = {}, done = true }: Publishing): string {
    const id = uuidV7({ now: () => nowMs });
    const trace = { ...newTrace(), ...(traceId && { traceId }) };
    const event = {
      ...{ id, type, aggregate, seq, tenant, correlationId: 'c', data },
      ...{ occurredAtMs: nowMs, traceparent: toTraceparent(trace) },
    };
    const write = eventWrite(event, { table: 'outbox', retainMs: 1_000 });
    if ('put' in write) put(eventAddress('outbox', id), write.put);
    eventIds[type] = id;
    const queue = queueOf(event);
    if (!done || !queue) return id;
    record(unitKey('inbox', queue, id), { outcome: 'done' });
    if (queue === 'email:send') put(sentMailAddress(id), { asked: 1 });
    if (queue === 'audit:record') {
      put(auditAddress(tenant, day, id), { version: 1 });
      put(lastEventAddress(tenant, aggregate), { lastEventId: id });
    }
    return id;
  }

  const toRecord = (body: Value) => ({
    fingerprint: 'f',
    owner: 'o',
    answer: JSON.stringify(body),
  });
  const record = (key: string, body: Value) => put(recordAddress('state', key), toRecord(body));

  /** A request that was done; its entity carries the record where `compact`. */
  function done(
    route: RouteName,
    {
      body,
      type,
      aggregate,
      seq = 1,
      data = () => ({}),
    }: {
      body: (id: string) => Item;
      type: string;
      aggregate: (id: string) => string;
      seq?: number;
      data?: (id: string) => Item;
    },
    key = 'key 1',
  ) {
    const action: Action = {
      caller: { tenant, user, role: 'user' },
      route,
      key,
      copies: 2,
    };
    const id = madeIdOf(action);
    const { traceId } = newTrace();
    const first = answer({ status: 201, body: body(id) });
    told.push({
      action,
      answers: [first, { ...first, replayed: true, sentAtMs: 2, heardAtMs: 3 }],
      turnedAway: [answer({ status: 409, body: { type: '/problems/request-in-progress' } })],
      trespasses: [],
      traceIds: [traceId],
      impostors: [answer({ status: 422, body: { type: '/problems/idempotency-key-reused' } })],
    });
    const eventId = publish({ type, aggregate: aggregate(id), seq, traceId, data: data(id) });
    const compact = ['create-order', 'create-booking'].includes(route);
    if (!compact) record(recordKeyOf(action), body(id));
    return { id, eventId, traceId, made: toRecord(body(id)) };
  }

  // Two pieces confirmed, three came in.
  const lines = [{ itemId: 'plenty', quantity: 2, priceMinor: 100 }];
  const order = done('create-order', {
    body: (id) => ({ id }),
    type: 'order.created',
    aggregate: (id) => `order/${id}`,
  });
  publish({
    type: 'order.confirmed',
    aggregate: `order/${order.id}`,
    seq: 2,
    traceId: order.traceId,
  });
  put(orderAddress(tenant, order.id), {
    ...{ id: order.id, tenant, userId: user, status: 'confirmed', version: 2, lines, address: 'x' },
    ...{
      totalMinor: 200,
      currency: 'EUR',
      createdAt: new Date(nowMs).toISOString(),
      made: order.made,
    },
  });
  done('update-item', {
    body: () => ({ id: 'plenty', restocked: 3 }),
    type: 'item.changed',
    aggregate: () => 'item/plenty',
    seq: 2,
  });
  for (const [id, available] of Object.entries(stock)) {
    put(itemPriceAddress(tenant, id), { version: 1 });
    put(itemStockAddress(tenant, id), {
      available: id === 'plenty' ? available - 2 + 3 : available,
    });
  }

  const [payer, payee] = accounts;
  if (!payer || !payee) throw new Error('there are no accounts');
  const sum = { fromAccountId: payer.id, toAccountId: payee.id, amountMinor: 70, currency: 'EUR' };
  const transfer = done('create-transfer', {
    body: (id) => ({ id }),
    type: 'transfer.completed',
    aggregate: (id) => `transfer/${id}`,
  });
  put(transferAddress(tenant, transfer.id), {
    id: transfer.id,
    ...sum,
    createdAt: new Date(nowMs).toISOString(),
    version: 1,
  });
  for (const account of accounts) {
    const by = account === payer ? -70 : account === payee ? 70 : 0;
    const changed = { version: by === 0 ? 1 : 2, balanceMinor: openingMinor + by };
    put(accountAddress(tenant, account.id), { ...account, ...changed });
  }

  const pollId = pollIds[0] ?? '';
  done('cast-vote', {
    body: () => ({ option: 'tea' }),
    type: 'vote.cast',
    aggregate: () => `vote/${pollId}/${user}`,
  });
  put(voteAddress(tenant, pollId, user), {
    version: 1,
    pollId,
    userId: user,
    option: 'tea',
    changedAt: new Date(nowMs).toISOString(),
  });
  put(tallyAddress(tenant, pollId, { partition: 0, shard: 3 }), { 'for:tea': 1 });

  const redemption = done('redeem-coupon', {
    body: (id) => ({ id }),
    type: 'coupon.redeemed',
    aggregate: () => `redemption/HOT-5/${user}`,
  });
  for (const [code, left] of Object.entries(coupons)) {
    put(couponAddress(tenant, code), { version: 1 });
    put(couponLeftAddress(tenant, code), { left: code === 'HOT-5' ? left - 1 : left });
  }
  put(redemptionAddress(tenant, 'HOT-5', user), { id: redemption.id, userId: user, version: 1 });

  const claim = done('claim-daily-reward', {
    body: (id) => ({ id }),
    type: 'reward.claimed',
    aggregate: () => `reward/${user}/${day}`,
  });
  put(rewardAddress(tenant, user, day), { id: claim.id, userId: user, day, version: 1 });

  const slots = slotStarts.slice(0, 2);
  const booking = done('create-booking', {
    body: (id) => ({ id }),
    type: 'booking.held',
    aggregate: (id) => `booking/${id}`,
  });
  put(bookingAddress(tenant, booking.id), {
    ...{
      id: booking.id,
      tenant,
      userId: user,
      resourceId: 'room-1',
      status: 'confirmed',
      version: 1,
    },
    ...{ slots, endsAt: slotStarts[2] ?? '', holdEndsAt: new Date(nowMs + 1).toISOString() },
    ...{ createdAt: new Date(nowMs).toISOString(), made: booking.made },
  });
  for (const start of slots) put(slotAddress(tenant, 'room-1', start), { bookingId: booking.id });

  const [job, parkedJob] = (['delivered', 'parked'] as const).map((status, nth) => {
    const { id, eventId } = done(
      'create-relay-job',
      {
        body: (id) => ({ id }),
        type: 'relay.accepted',
        aggregate: (id) => `relay/${id}`,
        data: (id) => ({ jobId: id, userId: user }),
      },
      `key ${nth + 1}`,
    );
    const standing: RelayJob = {
      ...{ id, tenant, userId: user, status, version: 2, channel: 'news', body: 'x' },
      acceptedAt: new Date(nowMs).toISOString(),
    };
    put(relayJobAddress(tenant, id), toRelayJobItem(standing));
    if (status === 'delivered') put(takenJobAddress(eventId), { jobId: id, asked: 1 });
    else {
      items.delete(addressText(recordAddress('state', unitKey('inbox', 'relay:deliver', eventId))));
      put(
        { table: 'parked', key: { pk: 'relay:deliver', sk: `relay:deliver#${eventId}` } },
        { kind: 'letter', eventId, tenant, cause: 'attempts-exhausted' },
      );
    }
    return { id, eventId };
  });
  if (!job || !parkedJob) throw new Error('there are no jobs');
  put(relaySlotsAddress(undefined), { taken: 0 });

  // Somebody who named another tenant as well, under the key of one who did not.
  const [ordered] = told;
  if (!ordered) throw new Error('nothing was told');
  const reached = newTrace().traceId;
  const forbidden = answer({ status: 403, body: { type: '/problems/tenant-mismatch' } });
  told[0] = {
    ...ordered,
    trespasses: [{ naming: otherTenant, answer: forbidden, traceIds: [reached] }],
  };
  const violated: Violated = {
    ...{ kind: 'other-tenant', place: 'header', attempted: otherTenant, route: 'create-order' },
    ...{ userId: user, suppressed: 0 },
  };
  const violationId = publish({
    ...{ type: 'tenant.violated', aggregate: 'violation/1', seq: 1, traceId: reached },
    data: violated,
  });
  put(
    auditAddress(tenant, day, violationId),
    toViolationItem({
      ...{ id: violationId, tenant, aggregate: 'violation/1', correlationId: 'c' },
      ...{ occurredAtMs: nowMs, data: violated },
    }),
  );

  const poisonId = publish({ type: 'order.created', aggregate: 'poison/1', seq: 1, done: false });
  put(
    { table: 'parked', key: { pk: 'order:process', sk: `order:process#${poisonId}` } },
    { kind: 'letter', eventId: poisonId, tenant, cause: 'order-missing' },
  );

  return {
    put,
    change(at, by) {
      const known = items.get(addressText(at));
      if (!known) throw new Error(`nothing stands at ${addressText(at)}`);
      put(at, { ...known.item, ...by });
    },
    remove(at) {
      if (!items.delete(addressText(at))) throw new Error(`nothing stands at ${addressText(at)}`);
    },
    tell(route, change) {
      const index = told.findIndex(({ action }) => action.route === route);
      const known = told[index];
      if (!known) throw new Error(`nothing was told of ${route}`);
      told[index] = change(known);
    },
    publish,
    ids: {
      order: order.id,
      transfer: transfer.id,
      booking: booking.id,
      redemption: redemption.id,
      claim: claim.id,
      job: job.id,
      parkedJob: parkedJob.id,
    },
    jobEventIds: [job.eventId, parkedJob.eventId],
    eventIds,
    poisonId,
    books: () =>
      booksOf({
        tenants: [tenant],
        told,
        nowMs,
        poison: new Set([poisonId]),
        items: Object.fromEntries(
          (['domain', 'outbox', 'state', 'parked'] as const).map((table) => [
            table,
            [...items.values()].filter(({ at }) => at.table === table).map(({ item }) => item),
          ]),
        ),
      }),
  };
}
