import { describe, expect, it } from 'vitest';
import { drawn } from '#shared/rate-limit/draw.ts';
import type { Take } from '#shared/rate-limit/rate-limiter.ts';

/** Asks a bucket that has so many tokens at each ask. @returns what it was asked for, and what came of it */
async function drawnFrom(stocks: readonly number[], wanted: number, least: number) {
  const asked: number[] = [];
  const ask = async (tokens: number): Promise<Take> => {
    const remaining = stocks[asked.length] ?? 0;
    asked.push(tokens);
    const standing = { nextTokenMs: 0, fullInMs: 0 };
    return tokens <= remaining
      ? { allowed: true, takenAtMs: 0, delayMs: 0, remaining: remaining - tokens, ...standing }
      : { allowed: false, retryAfterMs: 1, remaining, ...standing };
  };
  const { take, tokens } = await drawn(ask, { wanted, least }, () => 0);
  return [asked, take.allowed ? tokens : 'refused'];
}

describe('tokens for a lease', () => {
  // biome-ignore format: a table
  it.each([
    ['are all that is wanted',                          [9],       [[8], 8]],
    ['are else all that there is',                      [5, 5],    [[8, 5], 5]],
    ['are at least what the call costs',                [5, 3, 3], [[8, 5, 2], 2]],
    ['are none where that is gone too',                 [5, 3, 1], [[8, 5, 2], 'refused']],
    ['are none, at once, where less is there',          [1],       [[8], 'refused']],
    ['are none where less is there at the second look', [5, 1],    [[8, 5], 'refused']],
  ])('%s', async (_, stocks, expected) => {
    expect(await drawnFrom(stocks, 8, 2)).toEqual(expected);
  });

  it('are asked for once where no more is wanted than needed', async () => {
    expect(await drawnFrom([1, 9], 2, 2)).toEqual([[2], 'refused']);
  });
});
