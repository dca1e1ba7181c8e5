import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RouteContract } from '#functions/contract.ts';
import { contracts } from '#functions/contracts.ts';
import { type RouteName, type RouteRow, routes } from '#functions/tables/routes.ts';
import { effects } from '../../e2e/support/audit/effects.ts';
import {
  type Action,
  madeIdOf,
  methodOf,
  pathOf,
  recordKeyOf,
} from '../../e2e/support/hammer/action.ts';
import { hammer } from '../../e2e/support/hammer/hammer.ts';
import { planOf } from '../../e2e/support/hammer/plan.ts';
import { pooled } from '../../e2e/support/hammer/pool.ts';
import { seededRandom } from '../../e2e/support/hammer/random.ts';
import { summaryOf } from '../../e2e/support/hammer/summary.ts';
import { saysLater } from '../../e2e/support/hammer/told.ts';
import { answer, smallWorld } from './small-books.ts';

const tenants = ['a', 'b'];
const plan = planOf({ seed: 1, requests: 1_000, tenants });

describe('the plan of a run', () => {
  it('is the same for the same seed, and another for another', () => {
    const again = JSON.stringify(planOf({ seed: 1, requests: 1_000, tenants }));
    expect(again === JSON.stringify(plan)).toBe(true);
    expect(planOf({ seed: 2, requests: 3, tenants })).not.toEqual(plan.slice(0, 3));
  });

  it('has as many requests as asked for, each under a name of its own, sent 2 to 5 times', () => {
    expect(plan).toHaveLength(1_000);
    expect(new Set(plan.map(recordKeyOf)).size).toBe(1_000);
    expect(new Set(plan.map(({ copies }) => copies))).toEqual(new Set([2, 3, 4, 5]));
  });

  it('uses the same keys for other callers and other routes', () => {
    expect(new Set(plan.map(({ key }) => key)).size).toBeLessThan(60);
  });

  it('knows every route that publishes, and asks for each of them', () => {
    const mutating = Object.entries<RouteRow>(routes)
      .filter(
        ([, { method, auth, limitGroup }]) =>
          method !== 'GET' &&
          limitGroup === 'write' &&
          auth !== 'anonymous' &&
          // The operator's own change no business, and are audited by what they replay.
          auth.some((role) => role !== 'service'),
      )
      .map(([name]) => name as RouteName);
    expect(new Set(Object.keys(effects))).toEqual(new Set(mutating));
    expect(new Set(plan.map(({ route }) => route))).toEqual(new Set(mutating));
  });

  it('asks for nothing that its route would call invalid', () => {
    for (const { route, body, parameters, ifMatch } of plan) {
      const contract: RouteContract = contracts[route];
      const row: RouteRow = routes[route];
      if (contract.body) expect(contract.body.safeParse(body).success).toBe(true);
      if (contract.path) expect(contract.path.safeParse(parameters).success).toBe(true);
      expect(ifMatch !== undefined).toBe(row.ifMatch === true);
    }
  });

  it('changes orders and bookings that it makes', () => {
    const made = new Set(plan.map(madeIdOf));
    const changed = plan.filter(({ route }) =>
      ['update-order', 'cancel-order', 'confirm-booking', 'release-booking'].includes(route),
    );
    expect(changed.length).toBeGreaterThan(50);
    expect(
      changed.filter(({ parameters }) => made.has(parameters?.['id'] ?? '')).length,
    ).toBeGreaterThan(changed.length * 0.9);
  });

  it('names a request as its route does', () => {
    const [cancel] = plan.filter(({ route }) => route === 'cancel-order');
    expect(cancel && [methodOf(cancel), pathOf(cancel)]).toEqual([
      'DELETE',
      `/orders/${cancel?.parameters?.['id']}`,
    ]);
  });
});

describe('carrying out a plan', () => {
  it('sends each action as often as it says, once more when all are through, and a body of another now and then', async () => {
    const sent: Action[] = [];
    const told = await hammer(plan, {
      inFlight: 24,
      rampMs: 0,
      sender: {
        async send(action) {
          sent.push(action);
          const turnedAway = [answer({ status: 429 })];
          return { answer: answer({ status: 201 }), turnedAway, traceIds: [`t${sent.length}`] };
        },
      },
    });
    const copies = plan.reduce((sum, action) => sum + action.copies, 0);
    const honest = sent.filter(({ naming }) => naming === undefined);
    const again = honest.slice(copies, copies + plan.length).map(recordKeyOf);
    expect(again).toEqual(plan.map(recordKeyOf));
    for (const { action, answers, turnedAway, impostors, traceIds } of told) {
      expect(answers).toHaveLength(action.copies + 1);
      expect(turnedAway).toHaveLength(action.copies + 1);
      expect(traceIds).toHaveLength(action.copies + 1 + impostors.length);
    }
    const impostors = honest.slice(copies + plan.length);
    expect(impostors.length).toBe(told.flatMap((one) => one.impostors).length);
    expect(impostors.length).toBeGreaterThan(0);
    const byName = new Map(plan.map((action) => [recordKeyOf(action), action]));
    for (const { body, ...impostor } of impostors) {
      const action = byName.get(recordKeyOf(impostor));
      expect(body).not.toEqual(action?.body);
      const contract: RouteContract = contracts[impostor.route];
      expect(contract.body?.safeParse(body).success).toBe(true);
    }
  });

  it('has somebody ask for an action now and then who names another tenant of the run', async () => {
    const sent: Action[] = [];
    const told = await hammer(plan, {
      inFlight: 24,
      rampMs: 0,
      sender: {
        async send(action) {
          sent.push(action);
          return { answer: answer(), turnedAway: [], traceIds: [action.naming ?? 'honest'] };
        },
      },
    });
    const trespassers = sent.filter(({ naming }) => naming !== undefined);
    expect(trespassers).toHaveLength(25);
    for (const { naming, ...action } of trespassers) {
      expect(naming).toBe(action.caller.tenant === 'a' ? 'b' : 'a');
      const one = told.find((known) => recordKeyOf(known.action) === recordKeyOf(action));
      expect(one?.trespasses).toEqual([{ naming, answer: answer(), traceIds: [naming] }]);
      expect(new Set(one?.traceIds)).toEqual(new Set(['honest']));
    }
    expect(told.flatMap(({ trespasses }) => trespasses)).toHaveLength(25);
  });

  it('has as many in flight as it may, and no more', async () => {
    let now = 0;
    let most = 0;
    const job = async () => {
      most = Math.max(most, ++now);
      await sleep(1);
      now--;
    };
    await pooled(
      Array.from({ length: 50 }, () => job),
      7,
    );
    expect(most).toBe(7);
  });
});

describe('an answer', () => {
  it.each([
    [429, 'rate-limited', true],
    [429, 'relay-full', true],
    [409, 'request-in-progress', true],
    [503, 'overloaded', true],
    [503, 'dependency-unavailable', true],
    [504, 'deadline-exceeded', true],
    [409, 'slot-taken', false],
    [403, 'tenant-mismatch', false],
    [500, 'internal', false],
    [202, undefined, false],
  ])('of %i %s says to come back: %j', (status, slug, later) => {
    expect(saysLater({ status, body: slug && { type: `/problems/${slug}` } })).toBe(later);
  });
});

describe('the line about a run', () => {
  it('says what was asked, what was done to it, and how long it took', () => {
    const { told, events, parked } = smallWorld().books();
    const line = summaryOf({
      seed: 5,
      books: { told, events, parked },
      sends: 30,
      crashed: 2,
      lost: { PutItem: 3, Invoke: 1 },
      putOff: new Map([
        ['relay-full', 3],
        ['overloaded', 1],
      ]),
      phasesMs: { hammered: 1_250 },
    });
    expect(line).toBe(
      'conservation, seed 5: 9 requests, 30 sends; 4 lost acknowledgements (PutItem 3, Invoke 1); ' +
        '2 crashes; 0 conflicts; 9 replays; 1 trespasses; 4 put off (relay-full 3, overloaded 1); ' +
        '12 events, 2 parked; hammered in 1.3 s',
    );
  });
});

describe('seeded chance', () => {
  it('is even enough, and stays within its ends', () => {
    const random = seededRandom(3);
    const thrown = Array.from({ length: 6_000 }, () => random.int(1, 6));
    const counts = [1, 2, 3, 4, 5, 6].map((face) => thrown.filter((one) => one === face).length);
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(6_000);
  });

  it('picks nothing from nothing', () => {
    expect(() => seededRandom(1).pick([])).toThrow(RangeError);
  });
});
