import { describe, expect, it } from 'vitest';
import { newEventReplay, toEventReplayView } from '#functions/domain/event-replay-view.ts';
import { contract } from '#functions/replay-outbox/contract.ts';
import { newReplay } from '#functions/replay-outbox/replay-outbox.ts';
import { retention } from '#functions/tables/retention.ts';
import { Problem } from '#shared/http/problem.ts';
import type { EventReplay } from '#shared/outbox/event-replay.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const asking = { id: 'r1', requestedBy: 'ops', nowMs };
const iso = (ms: number) => new Date(ms).toISOString();
const hourMs = 3_600_000;

const asked = (body: object) => newReplay(newEventReplay.parse(body), asking);
const made = (body: object): EventReplay => {
  const replay = asked(body);
  if (replay instanceof Problem) throw replay;
  return replay;
};
const faults = (body: object) =>
  newEventReplay
    .safeParse(body)
    .error?.issues.map(({ path, message }) => [path.join('/'), message]);

const window = { from: iso(nowMs - 2 * hourMs), to: iso(nowMs - hourMs) };
const ofAggregate = { aggregate: 'order/o1', tenant: 'acme' };

describe('what a replay of stored events may ask for', () => {
  it.each([
    [{}, '', 'either from and to or aggregate says which events'],
    [{ from: window.from }, '', 'from and to come together'],
    [{ aggregate: 'order/o1' }, 'tenant', 'the aggregate of which tenant?'],
    [{ from: window.to, to: window.from }, 'to', 'must be later than from'],
    [{ from: window.from, to: window.from }, 'to', 'must be later than from'],
    [{ from: iso(nowMs - 25 * hourMs), to: iso(nowMs) }, 'to', 'at most 24 hours after from'],
  ])('is not %j', (body, path, message) => {
    expect(faults(body)).toContainEqual([path, message]);
  });

  it.each([
    [window],
    [ofAggregate],
    [{ ...window, tenant: 'acme', type: 'order.created' }],
    [{ ...ofAggregate, from: iso(nowMs - 100 * hourMs), to: iso(nowMs) }],
    [contract.example.body],
  ])('is %j', (body) => {
    expect(faults(body)).toBeUndefined();
  });

  it('is no type of event that there is not', () => {
    expect(faults({ ...window, type: 'order.vanished' })?.[0]?.[0]).toBe('type');
  });
});

describe('a replay of stored events as it begins', () => {
  it('is of the time that was asked for', () => {
    expect(made(window)).toMatchObject({
      state: 'running',
      dryRun: false,
      filter: { fromMs: nowMs - 2 * hourMs, toMs: nowMs - hourMs },
      ratePerSecond: 10,
      step: 1,
      expiresAtMs: nowMs + retention.parkedMs,
    });
  });

  it('is of all that is kept of an aggregate, up to now', () => {
    expect(made(ofAggregate).filter).toEqual({
      ...{ fromMs: nowMs - retention.outboxMs, toMs: nowMs },
      ...{ ...ofAggregate, type: undefined },
    });
  });

  it('takes nothing that happens after it was asked for: its own event would be among that', () => {
    const later = { from: window.from, to: iso(nowMs + hourMs) };
    expect(made(later).filter.toMs).toBe(nowMs);
    const allLater = made({ from: iso(nowMs + 1), to: iso(nowMs + hourMs) }).filter;
    expect(allLater.toMs).toBe(allLater.fromMs);
  });

  it('is refused from a time of which events are no longer kept', () => {
    const body = { ...ofAggregate, from: iso(nowMs - retention.outboxMs - 1), to: iso(nowMs) };
    const refused = asked(body) as Problem;
    expect(refused.slug).toBe('events-not-kept');
    expect(refused.options.extensions).toMatchObject({ errors: [{ pointer: '/from' }] });
    expect(made({ ...body, from: iso(nowMs - retention.outboxMs) }).step).toBe(1);
  });

  it('is shown with how far it has come', () => {
    const replay = made(window);
    const view = (fields: object) => toEventReplayView({ ...replay, ...fields });
    contract.answer.body.parse(view({}));
    expect(view({})).toMatchObject({ ...window, readUpTo: window.from, matched: 0 });
    const bucket = replay.position.bucket + 3;
    expect(view({ position: { bucket } }).readUpTo).toBe(iso(nowMs - 1.5 * hourMs));
    expect(view({ state: 'done' }).readUpTo).toBe(window.to);
  });
});
