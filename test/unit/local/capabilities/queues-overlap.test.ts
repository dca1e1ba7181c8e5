import { describe, expect, it } from 'vitest';
import { mostAtOnce } from '#local/capabilities/probes/queues-overlap.ts';

describe('work done at the same time', () => {
  // biome-ignore format: a table, one scenario a row
  it.each([
    ['none',                             [],                            0],
    ['one after the other',              [[0, 10], [10, 20], [25, 30]], 1],
    ['two of three',                     [[0, 10], [5, 15], [10, 20]],  2],
    ['all that have begun together',     [[0, 10], [0, 10], [0, 10]],   3],
    ['one inside another',               [[0, 30], [5, 10], [12, 20]],  2],
    ['in whatever order they are told',  [[12, 20], [5, 13], [0, 30]],  3],
  ] as const)('%s', (_, spans, most) => {
    expect(mostAtOnce(spans.map(([fromMs, untilMs]) => ({ fromMs, untilMs })))).toBe(most);
  });
});
