import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admission, spreadMs } from '#shared/pressure/admission.ts';
import {
  assertThresholds,
  defaultThresholds,
  type Level,
  levelOf,
  levelOfQueue,
  levels,
  type QueueBacklog,
  treatments,
} from '#shared/pressure/levels.ts';
import { lesserOf, type Priority, priorities } from '#shared/pressure/priority.ts';

const waiting = (backlog: number, oldestAgeMs = 0, queue = 'q'): QueueBacklog => ({
  queue,
  backlog,
  oldestAgeMs,
});

const backlogs = fc.nat({ max: 10_000 });
const ages = fc.nat({ max: 600_000 });

describe('the level', () => {
  // biome-ignore format: a table
  it.each<[backlog: number, oldestAgeMs: number, level: Level]>([
    [    0,       0, 'NORMAL'],
    [  499,  29_999, 'NORMAL'],
    [  500,       0, 'WARNING'],
    [  999,       0, 'WARNING'],
    [1_000,       0, 'CRITICAL'],
    [4_999,       0, 'CRITICAL'],
    [5_000,       0, 'SHED'],
    [    0,  30_000, 'WARNING'],
    [    0,  59_999, 'WARNING'],
    [    0,  60_000, 'CRITICAL'],
    [    0, 299_999, 'CRITICAL'],
    [    0, 300_000, 'SHED'],
    [  500,  60_000, 'CRITICAL'],
    [5_000,  30_000, 'SHED'],
  ])('of %i messages, the oldest %i ms old, is %s', (backlog, oldestAgeMs, level) => {
    expect(levelOfQueue(waiting(backlog, oldestAgeMs))).toBe(level);
  });

  it('goes by the messages alone where the age is not known', () => {
    expect(levelOfQueue({ backlog: 0, oldestAgeMs: undefined })).toBe('NORMAL');
    expect(levelOfQueue({ backlog: 5_000, oldestAgeMs: undefined })).toBe('SHED');
  });

  it('is that of the worst queue, which it names', () => {
    const queues = [waiting(700, 0, 'a'), waiting(0, 70_000, 'b'), waiting(2_000, 0, 'c')];
    expect(levelOf(queues)).toEqual({ level: 'CRITICAL', worst: queues[1] });
  });

  it('of nothing is NORMAL', () => {
    expect(levelOf([])).toEqual({ level: 'NORMAL', worst: undefined });
  });

  it('never falls because more waits, or waits for longer, or in one more queue', () => {
    const rank = (queues: readonly QueueBacklog[]) => levels.indexOf(levelOf(queues).level);
    fc.assert(
      fc.property(backlogs, ages, backlogs, ages, (backlog, age, more, longer) => {
        const before = rank([waiting(backlog, age)]);
        expect(rank([waiting(backlog + more, age)])).toBeGreaterThanOrEqual(before);
        expect(rank([waiting(backlog, age + longer)])).toBeGreaterThanOrEqual(before);
        expect(rank([waiting(backlog, age), waiting(more, longer)])).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it.each([
    ['backlog', { WARNING: 0, CRITICAL: 2, SHED: 3 }, /backlog\.WARNING .* got 0/],
    ['backlog', { WARNING: 1, CRITICAL: 1, SHED: 3 }, /backlog must grow .* got 1, 1, 3/],
    ['oldestAgeMs', { WARNING: 1, CRITICAL: 9, SHED: 3 }, /oldestAgeMs must grow/],
    ['oldestAgeMs', { WARNING: 1, CRITICAL: 1.5, SHED: 3 }, /oldestAgeMs\.CRITICAL .* got 1\.5/],
  ])('is not told by thresholds of the %s that are %o', (signal, wrong, message) => {
    expect(() => assertThresholds({ ...defaultThresholds, [signal]: wrong })).toThrow(message);
  });
});

describe('what a level means', () => {
  // biome-ignore format: a table
  it.each<[Level, Record<Priority, number | 'refused'>]>([
    ['NORMAL',   { CRITICAL: 0, HIGH: 0, NORMAL: 0, LOW: 0 }],
    ['WARNING',  { CRITICAL: 0, HIGH: 1, NORMAL: 1, LOW: 'refused' }],
    ['CRITICAL', { CRITICAL: 0, HIGH: 2, NORMAL: 'refused', LOW: 'refused' }],
    ['SHED',     { CRITICAL: 0, HIGH: 'refused', NORMAL: 'refused', LOW: 'refused' }],
  ])('at %s is the design’s', (level, wanted) => {
    expect(treatments[level]).toEqual(wanted);
  });

  it('to CRITICAL is nothing: it is neither refused nor put off at any level', () => {
    for (const level of levels)
      expect(admission({ level, nextReadingInMs: 9_000 }, 'CRITICAL', () => 1)).toEqual({
        admitted: true,
        delaySeconds: 0,
      });
  });

  it('to a lesser priority is never kinder, and a worse level is kinder to nobody', () => {
    const strictness = (level: Level, priority: Priority) => {
      const treatment: number | 'refused' = treatments[level][priority];
      return treatment === 'refused' ? Number.POSITIVE_INFINITY : treatment;
    };
    const [level, priority] = [fc.constantFrom(...levels), fc.constantFrom(...priorities)];
    fc.assert(
      fc.property(level, level, priority, priority, (one, other, mine, yours) => {
        const worse = levels.indexOf(one) > levels.indexOf(other) ? one : other;
        const lesser = lesserOf(mine, yours);
        expect(strictness(one, lesser)).toBeGreaterThanOrEqual(strictness(one, mine));
        expect(strictness(worse, mine)).toBeGreaterThanOrEqual(strictness(one, mine));
      }),
    );
  });
});

describe('a refused caller', () => {
  const refused = (level: Level, nextReadingInMs: number, random: number) => {
    const answer = admission({ level, nextReadingInMs }, 'LOW', () => random);
    if (answer.admitted) throw new Error('let in');
    return answer.retryAfterMs;
  };

  it('is sent away until the next reading at least, and never for less than a second', () => {
    expect(refused('WARNING', 7_300, 0)).toBe(7_300);
    expect(refused('SHED', 0, 0)).toBe(1_000);
  });

  it('comes back spread over a time that grows with the level', () => {
    expect([0, 0.5, 1].map((random) => refused('WARNING', 2_000, random))).toEqual([
      2_000, 4_500, 7_000,
    ]);
    expect(spreadMs.WARNING).toBeLessThan(spreadMs.CRITICAL);
    expect(spreadMs.CRITICAL).toBeLessThan(spreadMs.SHED);
  });
});
