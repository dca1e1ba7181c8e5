import { describe, expect, it } from 'vitest';
import { pauses } from '#shared/rate-limit/pauses.ts';

const startMs = 1_000_000;
const refused = { fromTokens: 1, fullAtMs: startMs };

/** Refused at the end of each pause, so many times: how long the pauses were. */
function lengthsOf(times: number, random = () => 0.5, mostMs = 1_000): readonly number[] {
  const paused = pauses({ maxKeys: 9, mostMs, random });
  let nowMs = startMs;
  return Array.from({ length: times }, () => {
    paused.begin('key', refused, nowMs);
    const { untilMs = 0 } = paused.running('key', nowMs) ?? {};
    const lengthMs = untilMs - nowMs;
    expect(paused.running('key', untilMs - 1)).toBeDefined();
    expect(paused.running('key', untilMs)).toBeUndefined();
    nowMs = untilMs;
    return lengthMs;
  });
}

const begun = () => {
  const paused = pauses({ maxKeys: 1, mostMs: 1_000, random: () => 0.5 });
  paused.begin('key', refused, startMs);
  return paused;
};

describe('a pause', () => {
  it('is twice as long after each refusal, up to its longest', () => {
    expect(lengthsOf(7)).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
    expect(lengthsOf(2, undefined, 30)).toEqual([30, 30]);
  });

  it('is a quarter longer or shorter, so that not all end together', () => {
    expect(lengthsOf(2, () => 0)).toEqual([38, 75]);
    expect(lengthsOf(2, () => 0.999)).toEqual([63, 125]);
  });

  it('begins anew where the last one is long over, or was ended', () => {
    const paused = begun();
    paused.begin('key', refused, startMs + 50 + 1_000);
    expect(paused.running('key', startMs + 1_099)).toBeDefined();
    expect(paused.running('key', startMs + 1_100)).toBeUndefined();
    paused.end('key');
    expect(paused.running('key', startMs + 1_050)).toBeUndefined();
    paused.begin('key', refused, startMs + 1_100);
    expect(paused.running('key', startMs + 1_100)?.untilMs).toBe(startMs + 1_150);
  });

  it('says nothing before its beginning: the clock was set back', () => {
    expect(begun().running('key', startMs - 1)).toBeUndefined();
  });

  it('ends no later than somebody was told to come back', () => {
    const paused = begun();
    paused.told('key', 1, { nowMs: startMs, inMs: 90 });
    paused.told('key', 1, { nowMs: startMs, inMs: 70 });
    paused.told('key', 1, { nowMs: startMs, inMs: 80 });
    paused.begin('key', refused, startMs + 50);
    expect(paused.running('key', startMs + 50)?.untilMs).toBe(startMs + 70);
    // Whoever was told 70 is past; what they were told says no more.
    paused.begin('key', refused, startMs + 70);
    expect(paused.running('key', startMs + 70)?.untilMs).toBe(startMs + 270);
  });

  it('ends no later than somebody was told to, also if that was long ago', () => {
    const paused = pauses({ maxKeys: 1, mostMs: 1_000, random: () => 0.5 });
    paused.told('key', 1, { nowMs: startMs, inMs: 9_000 });
    paused.begin('key', refused, startMs + 8_999);
    expect(paused.running('key', startMs + 8_999)?.untilMs).toBe(startMs + 9_000);
  });

  it('counts what is asked for in vain while it is news', () => {
    const paused = begun();
    paused.told('key', 3, { nowMs: startMs, inMs: 50 });
    paused.told('key', 1, { nowMs: startMs + 20, inMs: 30 });
    paused.told('other', 9, { nowMs: startMs, inMs: 50 });
    expect(paused.missed('key', startMs + 50)).toBe(4);
    expect(paused.missed('key', startMs + 1_050)).toBe(0);
    expect(paused.missed('other', startMs)).toBe(0);
  });

  it('is prolonged by a throttle only where the bucket had just refused', () => {
    const paused = begun();
    paused.prolong('key', startMs + 50);
    expect(paused.running('key', startMs + 50)).toMatchObject({
      ...refused,
      untilMs: startMs + 150,
    });
    paused.prolong('other', startMs + 50);
    expect(paused.running('other', startMs + 50)).toBeUndefined();
  });

  it('is forgotten beyond the keys that are remembered', () => {
    const paused = begun();
    paused.begin('other', refused, startMs);
    expect(paused.running('key', startMs)).toBeUndefined();
  });
});
