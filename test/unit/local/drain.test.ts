import { describe, expect, it } from 'vitest';
import { drain } from '#local/drain.ts';

/** Queues that hold so many messages at one look after the other, and a clock that only sleep moves. */
function queues(...depths: readonly number[]) {
  let look = 0;
  let nowMs = 0;
  return {
    looks: () => look,
    elapsedMs: () => nowMs,
    options: {
      depth: async () => depths[Math.min(look++, depths.length - 1)] ?? 0,
      withinMs: 15_000,
      now: () => nowMs,
      sleep: async (ms: number) => {
        nowMs += ms;
      },
    },
  };
}

describe('draining', () => {
  it('ends when the queues stay empty', async () => {
    const { options, looks } = queues(3, 1, 0);
    expect(await drain(options)).toBe(0);
    expect(looks()).toBe(5);
  });

  it('does not take the moment between two queues for the end', async () => {
    const { options, looks } = queues(1, 0, 0, 1, 0);
    expect(await drain(options)).toBe(0);
    expect(looks()).toBe(7);
  });

  it('gives up in time and says what is left', async () => {
    const { options, elapsedMs } = queues(2);
    expect(await drain(options)).toBe(2);
    expect(elapsedMs()).toBe(15_000);
  });

  it('ends at once when it is told to', async () => {
    const { options, elapsedMs } = queues(2);
    expect(await drain({ ...options, signal: AbortSignal.abort() })).toBe(2);
    expect(elapsedMs()).toBe(0);
  });

  it('tells of the depth as it falls', async () => {
    const seen: number[] = [];
    await drain({ ...queues(2, 1, 0).options, onDepth: (depth) => seen.push(depth) });
    expect(seen).toEqual([2, 1, 0, 0, 0]);
  });
});
