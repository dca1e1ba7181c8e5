import { expect, it } from 'vitest';
import { rest } from '#shared/rate-limit/rest.ts';

it('is not cut short by who tried before another failed', () => {
  const clock = { nowMs: 1_000_000 };
  const { begin, tried, leftMs } = rest({
    restMs: 1_000,
    mostMs: 1_000,
    now: () => clock.nowMs,
    random: () => 0.5,
  });
  begin(false);
  clock.nowMs += 1_000;
  const untry = tried();
  expect(leftMs()).toBe(1_000);
  clock.nowMs += 10;
  begin(false);
  untry();
  expect(leftMs()).toBe(1_000);
});
