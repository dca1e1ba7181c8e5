import { describe, expect, it } from 'vitest';
import { readConsumedEvent } from '#functions/consumed-event.ts';
import { auditAddress } from '#functions/domain/keys.ts';
import { readViolation, toViolationView, violationView } from '#functions/domain/violation.ts';
import { type Position, pageOfViolations } from '#functions/list-violations/list-violations.ts';
import { retention } from '#functions/tables/retention.ts';
import { recordViolation } from '#functions/violation-record/violation-record.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const startMs = Date.UTC(2026, 0, 1, 23, 59, 59, 990);

const violated = (occurredAtMs: number, fields: object = {}) => {
  const id = uuidV7({ now: () => occurredAtMs });
  const told = {
    id,
    type: 'tenant.violated',
    tenant: 'acme',
    aggregate: `violation/${id}`,
    seq: 1,
    occurredAtMs,
    traceparent: '',
    correlationId: 'request-1',
    data: {
      kind: 'other-tenant',
      attempted: 'globex',
      place: 'header',
      route: 'get-order',
      userId: 'u1',
      suppressed: 3,
    },
    ...fields,
  };
  return readConsumedEvent({ body: JSON.stringify(told) }, ['tenant.violated'], occurredAtMs);
};

async function records(events: readonly ReturnType<typeof violated>[]) {
  const store = memoryStore();
  for (const event of events) {
    const decided = recordViolation(event);
    for (const write of 'writes' in decided ? decided.writes : []) await store.write(write);
  }
  const pages = async (limit: number, nowMs = startMs) => {
    const found: string[][] = [];
    let after: Position | undefined;
    do {
      const page = await pageOfViolations(store, { limit, after, nowMs });
      found.push(page.violations.map(({ id }) => id));
      if (found.length > events.length + 1) expect.fail('it never ends');
      after = page.next;
    } while (after);
    return found;
  };
  return { store, pages };
}

describe('the worker of violations', () => {
  it('keeps each in the audit of the caller’s tenant, under the UTC day on which it happened', async () => {
    const event = violated(startMs);
    const { store } = await records([event]);
    expect(await store.read(auditAddress('acme', '2026-01-01', event.id))).toMatchObject({
      version: 1,
      type: 'tenant.violated',
      aggregate: `violation/${event.id}`,
      correlationId: 'request-1',
      data: event.data,
    });
  });

  it('keeps one as long as retention says, and lets the store delete it then', async () => {
    const { store } = await records([violated(startMs)]);
    const expiresAtMs = startMs + retention.violationMs;
    expect(store.items('domain')).toMatchObject([
      { expiresAtMs, ttl: Math.ceil(expiresAtMs / 1_000) },
    ]);
  });
});

describe('the list of violations', () => {
  const events = Array.from({ length: 7 }, (_, nth) =>
    violated(startMs + nth * 5, { tenant: nth % 2 ? 'acme' : 'globex' }),
  );
  const newestFirst = events.map(({ id }) => id).toReversed();

  it.each([1, 3, 7, 100])(
    'has those of every tenant once, the newest first, %i to a page',
    async (limit) => {
      const { pages } = await records(events);
      const found = await pages(limit);
      expect(found.flat()).toEqual(newestFirst);
      expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    },
  );

  it('has those of one millisecond once', async () => {
    const same = Array.from({ length: 5 }, () => violated(startMs));
    const { pages } = await records(same);
    const found = (await pages(2)).flat();
    expect(found.toSorted()).toEqual(same.map(({ id }) => id).toSorted());
  });

  it('ends before those that have lapsed, although the store still has them', async () => {
    const { pages } = await records(events);
    const nowMs = startMs + 12 + retention.violationMs;
    expect((await pages(2, nowMs)).flat()).toEqual(newestFirst.slice(0, 4));
    expect(await pages(2, nowMs + 60_000)).toEqual([[]]);
  });

  it('is empty where nothing happened', async () => {
    expect(await (await records([])).pages(5)).toEqual([[]]);
  });
});

describe('a violation, as operators see it', () => {
  const seen = async (event: ReturnType<typeof violated>, user?: string) => {
    const { store } = await records([event]);
    const [item = {}] = store.items('domain');
    return violationView.parse(toViolationView(readViolation(item), user));
  };

  it('names its user by a pseudonym only', async () => {
    const event = violated(startMs, { data: { ...violated(startMs).data, userId: 'ada' } });
    expect(await seen(event, 'f00d')).toEqual({
      id: event.id,
      at: '2026-01-01T23:59:59.990Z',
      tenant: 'acme',
      user: 'f00d',
      kind: 'other-tenant',
      attempted: 'globex',
      place: 'header',
      route: 'get-order',
      requestId: 'request-1',
      suppressed: 3,
    });
    expect(JSON.stringify(await seen(event))).not.toContain('ada');
  });
});
