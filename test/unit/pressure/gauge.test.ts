import { describe, expect, it } from 'vitest';
import { type GaugeOptions, pressureGauge } from '#shared/pressure/gauge.ts';
import type { Level } from '#shared/pressure/levels.ts';
import type { ResilienceEvent } from '#shared/telemetry/resilience-event.ts';

/** A gauge over queues that the test fills, a clock that it turns, and readings that it may hold up. */
function small(options: Partial<GaugeOptions> = {}) {
  const clock = { nowMs: 1_000_000 };
  const world = { backlog: 0, oldestAgeMs: 0, readings: 0, held: false, down: false };
  const told: ResilienceEvent[] = [];
  const read: Level[] = [];
  const waiting: (() => void)[] = [];
  const late: (() => void)[] = [];
  const gauge = pressureGauge({
    reader: {
      async read() {
        world.readings += 1;
        const { backlog, oldestAgeMs } = world;
        if (world.held) await new Promise<void>((go) => waiting.push(go));
        if (world.down) throw new RangeError('no queue answers');
        return [
          { queue: 'orders', backlog, oldestAgeMs: 0 },
          { queue: 'mail', backlog: 0, oldestAgeMs },
        ];
      },
    },
    listen: (event) => void told.push(event),
    onReading: (level) => void read.push(level),
    now: () => clock.nowMs,
    sleep: () => new Promise<void>((wake) => late.push(wake)),
    ...options,
  });
  return {
    gauge,
    clock,
    world,
    read,
    happened: () => told.map(({ happened }) => happened),
    facts: () => told.map(({ facts }) => facts),
    /** Ends every wait for a reading. */
    timeOut: () => late.splice(0).map((wake) => wake()),
    /** Has the readings that are held up answer. */
    answer: () => waiting.splice(0).map((go) => go()),
  };
}

describe('a reading', () => {
  it('says what waits, and how old it is', async () => {
    const { gauge, world, clock } = small();
    Object.assign(world, { backlog: 1_200, oldestAgeMs: 6_000 });
    await gauge.look();
    clock.nowMs += 4_000;
    expect(await gauge.look()).toEqual({
      level: 'CRITICAL',
      known: true,
      queues: [
        { queue: 'orders', backlog: 1_200, oldestAgeMs: 0 },
        { queue: 'mail', backlog: 0, oldestAgeMs: 6_000 },
      ],
      readAtMs: clock.nowMs - 4_000,
      ageMs: 4_000,
      nextReadingInMs: 6_000,
    });
  });

  it('stands for ten seconds, and is made anew by the first who calls after them', async () => {
    const { gauge, world, clock } = small();
    await gauge.look();
    world.backlog = 600;
    clock.nowMs += 9_999;
    expect((await gauge.look()).level).toBe('NORMAL');
    expect(world.readings).toBe(1);
    clock.nowMs += 1;
    expect((await gauge.look()).level).toBe('WARNING');
    expect(world.readings).toBe(2);
  });

  it('is made once for all who wait for it', async () => {
    const { gauge, world, answer } = small();
    Object.assign(world, { held: true, backlog: 5_000 });
    const looks = Promise.all([gauge.look(), gauge.look(), gauge.look()]);
    answer();
    expect((await looks).map(({ level }) => level)).toEqual(['SHED', 'SHED', 'SHED']);
    expect(world.readings).toBe(1);
  });

  it('is counted each time that it succeeds', async () => {
    const { gauge, world, clock, read } = small();
    for (const backlog of [0, 500, 500]) {
      Object.assign(world, { backlog });
      await gauge.look();
      clock.nowMs += 10_000;
    }
    expect(read).toEqual(['NORMAL', 'WARNING', 'WARNING']);
  });
});

describe('a reading that fails', () => {
  it('leaves the one before in force, which grows older, and is tried again after two seconds', async () => {
    const { gauge, world, clock } = small();
    world.backlog = 500;
    await gauge.look();
    world.down = true;
    clock.nowMs += 10_000;
    expect(await gauge.look()).toMatchObject({ level: 'WARNING', known: true, ageMs: 10_000 });
    clock.nowMs += 1_999;
    await gauge.look();
    expect(world.readings).toBe(2);
    clock.nowMs += 1;
    expect(await gauge.look()).toMatchObject({ ageMs: 12_000, nextReadingInMs: 2_000 });
    expect(world.readings).toBe(3);
  });

  it('lets everybody in when the last one is a minute old, and says so once', async () => {
    const { gauge, world, clock, happened } = small();
    world.backlog = 5_000;
    await gauge.look();
    world.down = true;
    clock.nowMs += 59_999;
    expect(await gauge.look()).toMatchObject({ level: 'SHED', known: true });
    clock.nowMs += 1;
    const unknown = await gauge.look();
    expect(unknown).toMatchObject({ level: 'NORMAL', known: false, queues: [] });
    expect([unknown.ageMs, unknown.readAtMs]).toEqual([undefined, undefined]);
    clock.nowMs += 10_000;
    await gauge.look();
    expect(happened()).toEqual(['level-changed', 'reading-failed', 'unknown']);
  });

  it('is nobody’s failure, from the very first, and told once until one succeeds', async () => {
    const { gauge, world, clock, facts } = small();
    world.down = true;
    for (const _ of [1, 2, 3]) {
      expect(await gauge.look()).toMatchObject({ level: 'NORMAL', known: false });
      clock.nowMs += 2_000;
    }
    world.down = false;
    await gauge.look();
    world.down = true;
    clock.nowMs += 10_000;
    await gauge.look();
    expect(facts()).toEqual([{ error: 'RangeError' }, { error: 'RangeError' }]);
  });

  it('is no other than one that throws before it has begun', async () => {
    const { gauge } = small({
      reader: {
        read: () => {
          throw new Error('at once');
        },
      },
    });
    expect(await gauge.look()).toMatchObject({ level: 'NORMAL', known: false });
  });
});

describe('a reading that is late', () => {
  it('is waited for no longer than the timeout, and the one before stands', async () => {
    const { gauge, world, clock, timeOut, facts } = small();
    world.backlog = 500;
    await gauge.look();
    clock.nowMs += 10_000;
    Object.assign(world, { held: true, backlog: 0 });
    const look = gauge.look();
    timeOut();
    expect(await look).toMatchObject({ level: 'WARNING', ageMs: 10_000, nextReadingInMs: 2_000 });
    expect(facts().at(-1)).toEqual({ error: 'late' });
    await gauge.look();
    expect(world.readings).toBe(2);
  });

  it('counts all the same when it comes', async () => {
    const { gauge, world, timeOut, answer } = small();
    Object.assign(world, { held: true, backlog: 1_000 });
    const look = gauge.look();
    timeOut();
    expect(await look).toMatchObject({ known: false });
    answer();
    await expect.poll(async () => (await gauge.look()).level).toBe('CRITICAL');
  });

  it('does not take the place of a later one', async () => {
    const { gauge, world, clock, timeOut, answer } = small();
    Object.assign(world, { held: true, backlog: 5_000 });
    const first = gauge.look();
    timeOut();
    await first;
    Object.assign(world, { held: false, backlog: 0 });
    clock.nowMs += 2_000;
    expect((await gauge.look()).level).toBe('NORMAL');
    answer();
    await new Promise((turn) => setImmediate(turn));
    expect((await gauge.look()).level).toBe('NORMAL');
  });
});

describe('a call with little time', () => {
  it('waits no longer than it has, and the reading goes on for the others', async () => {
    const waits: number[] = [];
    const wakes: (() => void)[] = [];
    const { gauge, world, answer, happened } = small({
      sleep: (ms) => {
        waits.push(ms);
        return new Promise<void>((wake) => wakes.push(wake));
      },
    });
    Object.assign(world, { held: true, backlog: 5_000 });
    const hasty = gauge.look({ withinMs: 40 });
    const patient = gauge.look({ withinMs: 250 });
    expect(waits).toEqual([250, 40]);
    wakes[1]?.();
    expect(await hasty).toMatchObject({ level: 'NORMAL', known: false });
    answer();
    expect(await patient).toMatchObject({ level: 'SHED' });
    expect(world.readings).toBe(1);
    expect(happened()).toEqual(['level-changed']);
  });

  it.each([0, 0.9])('of less than a millisecond (%d) asks nobody', async (withinMs) => {
    const { gauge, world, clock } = small();
    world.backlog = 500;
    await gauge.look();
    clock.nowMs += 10_000;
    expect(await gauge.look({ withinMs })).toMatchObject({ level: 'WARNING', ageMs: 10_000 });
    expect(world.readings).toBe(1);
  });
});

describe('a clock that is set back', () => {
  it('has the queues read at once, and makes no age negative', async () => {
    const { gauge, world, clock } = small();
    await gauge.look();
    clock.nowMs -= 3_600_000;
    expect(await gauge.look()).toMatchObject({ ageMs: 0, nextReadingInMs: 10_000 });
    expect(world.readings).toBe(2);
  });

  it('does not keep an old reading in force for ever', async () => {
    const { gauge, world, clock } = small();
    world.backlog = 5_000;
    await gauge.look();
    world.down = true;
    clock.nowMs -= 3_600_000;
    expect(await gauge.look()).toMatchObject({ level: 'SHED', ageMs: 0 });
    clock.nowMs += 60_000;
    expect(await gauge.look()).toMatchObject({ level: 'NORMAL', known: false });
  });
});

describe('a change of the level', () => {
  it('is told once, with the queue that is to blame', async () => {
    const { gauge, world, clock, facts } = small();
    const steps = [
      { backlog: 0, oldestAgeMs: 0 },
      { backlog: 700, oldestAgeMs: 0 },
      { backlog: 800, oldestAgeMs: 0 },
      { backlog: 800, oldestAgeMs: 61_000 },
      { backlog: 3, oldestAgeMs: 0 },
      { backlog: 3, oldestAgeMs: 0 },
    ];
    for (const step of steps) {
      Object.assign(world, step);
      await gauge.look();
      clock.nowMs += 10_000;
    }
    expect(facts()).toEqual([
      { from: 'NORMAL', to: 'WARNING', queue: 'orders', backlog: 700, oldestAgeMs: 0 },
      { from: 'WARNING', to: 'CRITICAL', queue: 'mail', backlog: 0, oldestAgeMs: 61_000 },
      { from: 'CRITICAL', to: 'NORMAL', queue: 'mail', backlog: 0, oldestAgeMs: 0 },
    ]);
  });
});

describe('a gauge', () => {
  it.each(['freshMs', 'timeoutMs', 'retryEveryMs', 'unknownAfterMs'] as const)(
    'has no %s that is not whole from 1',
    (option) => {
      expect(() => small({ [option]: 0 })).toThrow(
        `${option} must be a whole number from 1, got 0`,
      );
    },
  );

  it('forgets no reading while it is fresh', () => {
    expect(() => small({ freshMs: 10_000, unknownAfterMs: 9_999 })).toThrow(
      'unknownAfterMs must not be below freshMs, got 9999',
    );
  });

  it('waits for no reading on its own clock beyond the timeout', async () => {
    const gauge = pressureGauge({ reader: { read: () => new Promise(() => {}) }, timeoutMs: 5 });
    expect(await gauge.look()).toMatchObject({ known: false });
  });
});
