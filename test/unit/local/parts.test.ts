import { describe, expect, it, vi } from 'vitest';
import { inTurn, type Part } from '#local/parts.ts';
import type { Tally } from '#local/tally.ts';

const tally: Tally = { passed: 3, failed: 0, skipped: 1 };
const going = new AbortController().signal;
const part = (fields: Partial<Part> = {}): Part => ({
  name: 'npm test',
  run: async () => tally,
  ...fields,
});

describe('runs of tests in turn', () => {
  it('begin when the one before has ended, and go on after one that failed', async () => {
    const order: string[] = [];
    const noting = (name: string) =>
      part({
        name,
        async run() {
          order.push(`${name} begins`);
          await Promise.resolve();
          order.push(`${name} ends`);
          return { ...tally, failed: 1 };
        },
      });
    const ends = await inTurn([noting('one'), noting('two')], going);
    expect(order).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
    expect(ends.map(({ tally: { failed } }) => failed)).toEqual([1, 1]);
  });

  it('are one test left out where something is missing, with the reason', async () => {
    const run = vi.fn(part().run);
    const missing = async () => 'needs Python 3.13; install it';
    const [end] = await inTurn([part({ run, missing })], going);
    expect(end).toEqual({
      name: 'npm test',
      tally: { passed: 0, failed: 0, skipped: 1 },
      why: 'needs Python 3.13; install it',
    });
    expect(run).not.toHaveBeenCalled();
  });

  it('are one failure where what is missing is required', async () => {
    const missing = async () => 'needs Python 3.13; install it';
    const [end] = await inTurn([part({ missing, required: true })], going);
    expect(end?.tally).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('are run where nothing is missing, required or not', async () => {
    const missing = async () => undefined;
    const ends = await inTurn([part({ missing }), part({ missing, required: true })], going);
    expect(ends.map((end) => end.tally)).toEqual([tally, tally]);
  });

  it('do not begin once the end was asked for, and have failed then', async () => {
    const stop = new AbortController();
    const run = async () => {
      stop.abort();
      return tally;
    };
    const ends = await inTurn([part({ run }), part({ missing: async () => 'all' })], stop.signal);
    expect(ends.map((end) => end.tally)).toEqual([tally, { passed: 0, failed: 1, skipped: 0 }]);
  });
});
