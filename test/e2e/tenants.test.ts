/** The border between tenants: nobody reads or changes anything across it, and whoever tries is listed. */
import { SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Booking, toBookingItem } from '#functions/domain/booking.ts';
import {
  accountAddress,
  bookingAddress,
  couponAddress,
  couponLeftAddress,
  itemPriceAddress,
  itemStockAddress,
  orderAddress,
  pollAddress,
  relayJobAddress,
  resourceAddress,
} from '#functions/domain/keys.ts';
import { toOrderItem } from '#functions/domain/order.ts';
import { resourceName } from '#functions/tables/names.ts';
import { type RouteName, type RouteRow, routes } from '#functions/tables/routes.ts';
import type { ProblemSlug } from '#shared/http/problem-types.ts';
import {
  secretsManagerClient,
  secretsManagerSource,
} from '#shared/secrets/secretsmanager-source.ts';
import type { Address, Item } from '#shared/state/items.ts';
import { everyItemOf, store } from './support/auditor.ts';
import { callerAs, type Received, type Send, type Sending, type Who } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { stage } from './support/stage.ts';

/** Whoever is refused too often has to wait, as everybody at their address. */
const patiently = <Body = Record<string, unknown>>(
  send: Send,
  ...[method, path, sending]: [string, string, Sending?]
): Promise<Received<Body>> =>
  eventually(async () => {
    const answer = await send<Body>(method, path, sending);
    expect(answer.status).not.toBe(429);
    return answer;
  }, 30_000);

interface Listed {
  readonly violations: readonly {
    readonly id: string;
    readonly at: string;
    readonly tenant: string;
    readonly requestId: string;
    readonly suppressed: number;
  }[];
  readonly next?: string;
}

const operator = () => callerAs({ tenant: 'load', role: 'service', user: 'operator' });

async function listed(query = ''): Promise<Listed> {
  const { status, body } = await patiently<Listed>(await operator(), 'GET', `/violations${query}`);
  expect(status).toBe(200);
  return body;
}

const requestIdOf = ({ headers }: Received<unknown>) => headers.get('x-request-id');

const slugOf = ({ body }: Received<Record<string, unknown>>) => body['type'];

async function reservedToken(tid: string): Promise<string> {
  const secretId = resourceName(stage, 'token-signing');
  const { current } = await secretsManagerSource({
    client: secretsManagerClient(),
    secretId,
  }).read();
  return new SignJWT({ tid, role: 'service' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: current.id })
    .setSubject('u1')
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(current.value));
}

describe('a call that names another tenant', () => {
  it('is refused, and listed newest first under its own tenant', { timeout: 90_000 }, async () => {
    const user = `reacher-${crypto.randomUUID()}`;
    const send = await callerAs({ user });
    const refused = [];
    for (const named of ['globex', 'system', 'ACME', 'acme, globex'])
      refused.push(await patiently(send, 'GET', '/orders', { headers: { 'x-tenant-id': named } }));
    expect(refused.map((answer) => [answer.status, slugOf(answer)])).toEqual(
      refused.map(() => [403, '/problems/tenant-mismatch']),
    );
    const ids = refused.map(requestIdOf);
    const found = await eventually(async () => {
      const { violations } = await listed('?limit=100');
      const own = violations.filter(({ requestId }) => ids.includes(requestId));
      expect(own).toHaveLength(4);
      const times = violations.map(({ at }) => at);
      expect(times).toEqual(times.toSorted().toReversed());
      return own;
    }, 40_000);
    const told = { tenant: 'acme', place: 'header', route: 'list-orders' };
    expect(found.toReversed()).toMatchObject([
      { ...told, kind: 'other-tenant', attempted: 'globex' },
      { ...told, kind: 'reserved-tenant', attempted: 'system' },
      { ...told, kind: 'malformed-tenant' },
      { ...told, kind: 'other-tenant', attempted: 'globex' },
    ]);
    expect(JSON.stringify(found)).not.toContain(user);
    expect(new Set(found.map((one) => ('user' in one ? one.user : undefined))).size).toBe(1);
  });

  it('by a token for a reserved tenant is forbidden, and listed', { timeout: 60_000 }, async () => {
    const send = await callerAs();
    const headers = { authorization: `Bearer ${await reservedToken('system')}` };
    const answer = await patiently(send, 'GET', '/violations', { headers });
    expect([answer.status, slugOf(answer)]).toEqual([403, '/problems/forbidden']);
    await eventually(async () => {
      expect((await listed()).violations).toContainEqual(
        expect.objectContaining({
          requestId: requestIdOf(answer),
          tenant: 'system',
          kind: 'reserved-tenant',
          attempted: 'system',
          place: 'token',
        }),
      );
    }, 40_000);
  });

  it('many times is listed a few times, which say how many they are', {
    timeout: 90_000,
  }, async () => {
    const send = await callerAs({ tenant: 'load', user: `flood-${crypto.randomUUID()}` });
    const beganMs = Date.now();
    const answers: Received<Record<string, unknown>>[] = [];
    for (let n = 0; n < 25; n++)
      answers.push(
        await patiently(send, 'GET', '/accounts/0197a000-0000-7000-8000-00000000a001', {
          headers: { 'x-tenant-id': 'acme' },
        }),
      );
    const refused = answers.filter((answer) => slugOf(answer) === '/problems/tenant-mismatch');
    expect(refused).toHaveLength(25);
    const ids = new Set(refused.map(requestIdOf));
    const seconds = (Date.now() - beganMs) / 1_000;

    const events = (await everyItemOf('outbox')).filter(
      ({ type, correlationId }) => type === 'tenant.violated' && ids.has(String(correlationId)),
    );
    // Five at once, and then one a second; it may have been two environments.
    expect(events.length).toBeLessThanOrEqual(2 * (5 + seconds));
    expect(events.length).toBeGreaterThan(0);
    const own = await eventually(async () => {
      const { violations } = await listed('?limit=100');
      const found = violations.filter(({ requestId }) => ids.has(requestId));
      expect(found).toHaveLength(events.length);
      return found;
    }, 40_000);
    const stoodFor = own.reduce((sum, { suppressed }) => sum + 1 + suppressed, 0);
    expect(stoodFor).toBeLessThanOrEqual(25);
  });
});

describe('the list of violations', () => {
  it.each<Who>([{ role: 'user' }, { role: 'admin' }])('is not for %o', async (who) => {
    const answer = await patiently(await callerAs(who), 'GET', '/violations');
    expect([answer.status, slugOf(answer)]).toEqual([403, '/problems/forbidden']);
  });

  it('is paged by a cursor that is its own', async () => {
    const { next } = await listed('?limit=1');
    const first = await listed('?limit=1');
    if (next === undefined) expect.fail('there are two by now');
    const second = await listed(`?limit=1&cursor=${encodeURIComponent(next)}`);
    expect(second.violations).toHaveLength(1);
    expect(second.violations[0]?.id).not.toBe(first.violations[0]?.id);
    const send = await operator();
    for (const [query, slug] of [
      [`cursor=${next.slice(0, -2)}AA`, 'cursor-invalid'],
      ['limit=0', 'invalid-request'],
      ['limit=101', 'invalid-request'],
      ['tenant=acme', 'invalid-request'],
    ])
      expect(slugOf(await patiently(send, 'GET', `/violations?${query}`))).toBe(
        `/problems/${slug}`,
      );
  });
});

/** One thing of each kind, all of acme's, under names that nobody else has. */
const id = crypto.randomUUID();
const mark = `only-acme-${id}`.slice(0, 40);
const coupon = `ONLY-${id.slice(0, 8)}`.toUpperCase();
const slot = '2091-01-10T09:00:00Z';
const owned = { version: 1, id, userId: 'u1' };

const booking: Booking = {
  ...owned,
  tenant: 'acme',
  resourceId: mark,
  status: 'held',
  slots: [slot],
  endsAt: '2091-01-10T09:30:00Z',
  holdEndsAt: '2091-01-10T08:00:00.000Z',
  createdAt: '2026-01-01T00:00:00.000Z',
};

const things: readonly (readonly [Address, Item])[] = [
  [
    orderAddress('acme', id),
    toOrderItem({
      ...owned,
      tenant: 'acme',
      status: 'pending',
      lines: [{ itemId: mark, quantity: 1, priceMinor: 5 }],
      address: '1 Harbour Road',
      totalMinor: 5,
      currency: 'EUR',
      createdAt: '2026-01-01T00:00:00.000Z',
    }),
  ],
  [itemPriceAddress('acme', mark), { version: 1, name: 'It', priceMinor: 5, currency: 'EUR' }],
  [itemStockAddress('acme', mark), { available: 5 }],
  [accountAddress('acme', id), { ...owned, currency: 'EUR', balanceMinor: 1_000 }],
  [
    pollAddress('acme', id),
    {
      version: 1,
      id,
      question: 'What?',
      options: [{ id: 'tea', label: 'Tea' }],
      closesAt: '2099-12-31T00:00:00.000Z',
      tallyPartitions: 1,
    },
  ],
  [
    couponAddress('acme', coupon),
    {
      version: 1,
      code: coupon,
      amountMinor: 5,
      currency: 'EUR',
      expiresAt: '2099-12-31T00:00:00.000Z',
    },
  ],
  [couponLeftAddress('acme', coupon), { left: 5 }],
  [
    resourceAddress('acme', mark),
    {
      version: 1,
      id: mark,
      name: 'It',
      slotMinutes: 30,
      openFromMinute: 0,
      openUntilMinute: 1_440,
    },
  ],
  [bookingAddress('acme', id), toBookingItem(booking)],
  [
    relayJobAddress('acme', id),
    {
      ...owned,
      tenant: 'acme',
      status: 'delivered',
      channel: 'mail',
      body: 'It',
      acceptedAt: '2026-01-01T00:00:00.000Z',
    },
  ],
];

interface Across {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly sending?: Sending;
  readonly meets: ProblemSlug | 'nothing';
}

const ifMatch = { 'if-match': '"1"' };
const at = { path: { id }, meets: 'not-found' } as const;
const marked = { path: { id: mark }, meets: 'not-found' } as const;
const window = '?from=2091-01-10T00:00:00Z&to=2091-01-11T00:00:00Z';

/** Every route that can name a thing, naming acme's. */
const across: Readonly<Partial<Record<RouteName, Across>>> = {
  'get-order': at,
  'update-order': { ...at, sending: { headers: ifMatch, body: { address: '2 Elsewhere' } } },
  'cancel-order': { ...at, sending: { headers: ifMatch } },
  'list-orders': { query: '?user=u1', meets: 'nothing' },
  'create-order': {
    sending: { body: { lines: [{ itemId: mark, quantity: 1 }], address: '2 Elsewhere' } },
    meets: 'item-unknown',
  },
  'get-item': marked,
  'update-item': {
    ...marked,
    sending: { headers: ifMatch, body: { name: 'Mine', priceMinor: 1, currency: 'EUR' } },
  },
  'get-account': at,
  'create-transfer': {
    sending: {
      body: {
        fromAccountId: id,
        toAccountId: '0197a000-0000-7000-8000-00000000a001',
        amountMinor: 5,
        currency: 'EUR',
      },
    },
    meets: 'account-unknown',
  },
  'get-poll': at,
  'cast-vote': { ...at, sending: { body: { option: 'tea' } } },
  'withdraw-vote': at,
  'redeem-coupon': { path: { code: coupon }, meets: 'not-found' },
  'get-availability': { ...marked, query: window },
  'create-booking': {
    sending: { body: { resourceId: mark, slots: [slot] } },
    meets: 'resource-unknown',
  },
  'get-booking': at,
  'confirm-booking': at,
  'release-booking': at,
  'get-relay-job': at,
};

/** They take no name of a thing from their caller: whatever they touch is under the token's tenant. */
const nameNothing: readonly RouteName[] = [
  'claim-daily-reward',
  'create-relay-job',
  'get-sales-report',
];

const isOpenToTenants = ({ auth, sandboxOnly }: RouteRow): boolean =>
  auth !== 'anonymous' && !sandboxOnly && auth.some((role) => role !== 'service');

const pathOf = (name: RouteName, { path = {}, query = '' }: Across): string =>
  Object.entries(path).reduce<string>(
    (text, [parameter, value]) => text.replace(`{${parameter}}`, value),
    routes[name].path,
  ) + query;

describe('what belongs to a tenant', () => {
  const ours = async () =>
    (await everyItemOf('domain'))
      .map((item) => JSON.stringify(item))
      .filter((text) => [id, mark, coupon].some((name) => text.includes(name)))
      .toSorted();
  let before: readonly string[] = [];

  beforeAll(async () => {
    for (const [address, item] of things) await store.write({ put: item, at: address });
    before = await ours();
  });

  it('is tried across by every route that tenants have', () => {
    const open = Object.entries<RouteRow>(routes).filter(([, row]) => isOpenToTenants(row));
    expect([...Object.keys(across), ...nameNothing].toSorted()).toEqual(
      open.map(([name]) => name).toSorted(),
    );
  });

  const tries = (Object.entries(across) as [RouteName, Across][]).map(([name, row]) => ({
    name,
    ...row,
  }));

  it.each(tries)('is not there for $name of another, in any role', async ({ name, ...row }) => {
    const { auth, method }: RouteRow = routes[name];
    for (const role of auth === 'anonymous' ? [] : auth) {
      const send = await callerAs({ tenant: 'globex', user: 'u1', role });
      const answer = await patiently(send, method, pathOf(name, row), row.sending);
      if (row.meets === 'nothing') expect(JSON.stringify(answer.body)).not.toContain(id);
      else expect(slugOf(answer)).toBe(`/problems/${row.meets}`);
    }
  });

  it('stands as it stood, and left no trace with the other', async () => {
    expect(await ours()).toEqual(before);
  });

  it.each(
    tries.filter(({ name, meets }) => routes[name].method === 'GET' && meets === 'not-found'),
  )('is there for $name of its own', async ({ name, ...row }) => {
    const send = await callerAs({ tenant: 'acme', user: 'u1' });
    expect((await patiently(send, 'GET', pathOf(name, row))).status).toBe(200);
  });
});
