import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limit } from '#shared/http/rate-limit.ts';
import type { Shed } from '#shared/http/shed.ts';
import { type Gauge, pressureGauge } from '#shared/pressure/gauge.ts';
import { type Level, levels } from '#shared/pressure/levels.ts';
import { lesserOf, type Priority, priorities } from '#shared/pressure/priority.ts';
import { gaugeAt } from '../pressure/gauge-at.ts';
import { edge, unlimited, validEvent } from './edge.ts';

function shop(level: Level, priority: Priority = 'NORMAL', random = 0) {
  const gauge = gaugeAt(level);
  const shed: Shed[] = [];
  const made = edge({
    shed: { priority, gauge, onShed: (each) => void shed.push(each), random: () => random },
  });
  return { ...made, gauge, shed };
}

describe('a call that is shed', () => {
  it('is a 503 that says when to come back, in whole seconds', async () => {
    const { send, calls, shed } = shop('CRITICAL', 'NORMAL', 0.5);
    const { status, headers, body } = await send(await validEvent());
    expect({ status, retryAfter: headers['retry-after'] }).toEqual({
      status: 503,
      retryAfter: '12', // 4.2 s to the next reading, and half of 15 s
    });
    expect(body).toMatchObject({
      type: '/problems/overloaded',
      detail: expect.stringContaining('priority NORMAL'),
    });
    expect(calls).toEqual([]);
    expect(shed).toEqual([{ priority: 'NORMAL', level: 'CRITICAL' }]);
  });

  it('has touched nothing behind it: no limit, no key, and neither its body nor a store', async () => {
    const touched: string[] = [];
    const limit: Limit = {
      ...unlimited,
      admit: async (call) => {
        touched.push('limit');
        return unlimited.admit(call);
      },
    };
    const answer = async () => {
      touched.push('route');
      return { status: 201 };
    };
    const at = (level: Level) =>
      edge({ limit, answer, shed: { priority: 'LOW', gauge: gaugeAt(level) } });
    const wrong = await validEvent({ body: 'no json', headers: { 'idempotency-key': undefined } });
    for (const event of [await validEvent(), wrong])
      expect((await at('SHED').send(event)).body.type).toBe('/problems/overloaded');
    expect(touched).toEqual([]);
    await at('NORMAL').send(await validEvent());
    expect(touched).toEqual(['limit', 'route']);
  });

  it('is one whose caller is known: others hear nothing of the pressure', async () => {
    const { send, gauge } = shop('SHED');
    const nobody = await validEvent({ headers: { authorization: undefined } });
    expect((await send(nobody)).status).toBe(401);
    expect(gauge.looks).toBe(0);
  });
});

describe('a call under pressure', () => {
  // biome-ignore format: a table
  it.each<[Level, Priority, number]>([
    ['NORMAL',   'NORMAL', 0],
    ['WARNING',  'NORMAL', 1],
    ['WARNING',  'HIGH', 1],
    ['CRITICAL', 'HIGH', 2],
  ])('at %s and of priority %s has its work put off by %i s, and is not slowed down', async (level, priority, delaySeconds) => {
    const { send, calls } = shop(level, priority);
    expect((await send(await validEvent())).status).toBe(201);
    expect(calls[0]?.delaySeconds).toBe(delaySeconds);
  });

  it('is never refused, put off, or made to wait for a reading if it is CRITICAL', async () => {
    for (const level of levels) {
      const { send, calls, gauge } = shop(level, 'CRITICAL');
      expect((await send(await validEvent())).status).toBe(201);
      expect({ ...calls[0], looks: gauge.looks }).toMatchObject({ delaySeconds: 0, looks: 0 });
    }
  });

  it('has the pressure read in no more time than it has left', async () => {
    const given: number[] = [];
    const gauge: Gauge = {
      look(within) {
        given.push(within?.withinMs ?? Infinity);
        return gaugeAt('NORMAL').look();
      },
    };
    const { send } = edge({ shed: { priority: 'NORMAL', gauge } });
    await send(await validEvent({ headers: { 'x-deadline-ms': '700' } }));
    await send(await validEvent());
    const [short = 0, usual = 0] = given;
    expect(short).toBeGreaterThan(0);
    expect(short).toBeLessThanOrEqual(700);
    expect(usual).toBeGreaterThan(700);
    expect(usual).toBeLessThanOrEqual(5_000);
  });

  it('of a route that no pressure is read for is served, whatever it asks for', async () => {
    const { send, calls } = edge();
    expect((await send(await validEvent({ headers: { 'x-priority': 'low' } }))).status).toBe(201);
    expect((await send(await validEvent({ headers: { 'x-priority': '?' } }))).status).toBe(201);
    expect(calls[0]?.delaySeconds).toBe(0);
  });
});

describe('x-priority', () => {
  it('lowers what the route says, and never raises it', async () => {
    const any = fc.constantFrom(...priorities);
    const cased = fc.constantFrom(
      (text: string) => text,
      (text: string) => text.toLowerCase(),
      (text: string) => ` ${text.charAt(0)}${text.slice(1).toLowerCase()} `,
    );
    await fc.assert(
      fc.asyncProperty(
        any,
        any,
        fc.constantFrom(...levels),
        cased,
        async (of, asked, level, as) => {
          const { send, calls } = shop(level, of);
          const said = await send(await validEvent({ headers: { 'x-priority': as(asked) } }));
          const plain = shop(level, lesserOf(of, asked));
          const wanted = await plain.send(await validEvent());
          expect(said.status).toBe(wanted.status);
          expect(calls[0]?.delaySeconds).toBe(plain.calls[0]?.delaySeconds);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('lowers a CRITICAL route as well', async () => {
    const { send, shed } = shop('WARNING', 'CRITICAL');
    expect((await send(await validEvent({ headers: { 'X-Priority': 'low' } }))).status).toBe(503);
    expect(shed).toEqual([{ priority: 'LOW', level: 'WARNING' }]);
  });

  it.each(['', 'urgent', '1', 'low, high', 'LOW;q=1', 'ＬＯＷ', 'toString'])(
    'that is %o is refused by name',
    async (text) => {
      const { send, calls } = shop('NORMAL');
      const { status, body } = await send(await validEvent({ headers: { 'x-priority': text } }));
      expect(status).toBe(400);
      expect(body).toMatchObject({
        type: '/problems/invalid-request',
        errors: [{ header: 'x-priority', detail: 'must be one of critical, high, normal, low' }],
      });
      expect(calls).toEqual([]);
    },
  );
});

describe('an x-priority that is none', () => {
  it.each<[Priority, Level, number]>([
    ['LOW', 'SHED', 503],
    ['LOW', 'NORMAL', 400],
    ['CRITICAL', 'SHED', 400],
  ])('counts as the route’s %s: at %s the answer is %i', async (priority, level, status) => {
    const { send } = shop(level, priority);
    const answer = await send(await validEvent({ headers: { 'x-priority': 'urgent' } }));
    expect(answer.status).toBe(status);
  });

  it('is told with everything else that is wrong', async () => {
    const { send } = shop('NORMAL');
    const event = await validEvent({ body: '{}', headers: { 'x-priority': 'urgent' } });
    expect((await send(event)).body.errors).toMatchObject([
      { header: 'x-priority' },
      { pointer: '/lines' },
      { pointer: '/address' },
    ]);
  });
});

describe('a service that sheds', () => {
  it('recovers while nothing but refused calls come: what it refuses does not count against it', async () => {
    const clock = { nowMs: 0 };
    let backlog = 900;
    const gauge = pressureGauge({
      reader: { read: async () => [{ queue: 'orders', backlog, oldestAgeMs: 0 }] },
      now: () => clock.nowMs,
      sleep: () => new Promise(() => {}),
    });
    const { send } = edge({ shed: { priority: 'LOW', gauge } });
    const statuses: number[] = [];
    // Ten calls a second, and workers that do twenty messages in that time.
    for (; clock.nowMs < 60_000; clock.nowMs += 100) {
      const { status } = await send(await validEvent());
      statuses.push(status);
      backlog = Math.max(0, backlog - 2);
    }
    const firstServed = statuses.indexOf(201);
    expect(new Set(statuses.slice(0, firstServed))).toEqual(new Set([503]));
    // 400 messages above the threshold are done in 20 s, and the reading is at most 10 s old.
    expect(firstServed * 100).toBeLessThanOrEqual(30_000);
    expect(new Set(statuses.slice(firstServed))).toEqual(new Set([201]));
  });
});
