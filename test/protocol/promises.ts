/** A test for each exploration of a protocol: no promise is broken, and the kept count is the run's. */
import { afterAll, expect, it } from 'vitest';
import { explorations, lineOf, nameOf, run } from './explorations.ts';
import { keepCommand, readKept, summaryFile } from './kept.ts';

export function keepsItsPromises(protocol: keyof typeof explorations): void {
  const lines: string[] = [];
  afterAll(() => console.log(lines.join('\n')));

  const cases = explorations[protocol].map((exploration) => ({
    name: nameOf(exploration),
    exploration,
  }));
  it.each(cases)('$name', async ({ exploration }) => {
    const explored = await run(exploration);
    expect(explored.found.map(({ text }) => text).join('\n')).toBe('');
    const line = lineOf(exploration, explored);
    lines.push(line);
    expect(readKept(summaryFile), `kept figures are old: ${keepCommand}`).toContain(line);
  });
}
