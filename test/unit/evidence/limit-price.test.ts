/** What a limit costs, on its page, is what the kept benchmark measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const docs = join(import.meta.dirname, '../../../docs');
const page = readFileSync(join(docs, 'patterns/rate-limit.md'), 'utf8');
const { metrics: ours, against: theirs } = JSON.parse(
  readFileSync(join(docs, 'evidence/rate-limit.json'), 'utf8'),
) as Record<'metrics' | 'against', Record<string, number>>;

const cases = [
  'allowed, key at rest',
  'allowed, key in use here',
  'allowed, key in use elsewhere',
  'refused',
  'refused again',
  'four layers, as fast as it goes',
  'four layers, 20 a second',
];

describe('the price of a limit', () => {
  it.each(cases)('of a decision (%s) is on the page as it was measured', (name) => {
    const units = [ours, theirs].map((figures) => figures[`${name} · writeUnits`]);
    expect(page).toContain(`| ${[name, ...units].join(' | ')} |`);
  });

  it('is one write unit steady, and none for a repeated refusal', () => {
    expect(ours['allowed, key in use here · writeUnits']).toBe(1);
    expect(ours['refused again · writeUnits']).toBe(0);
  });

  it('is on the page of decision 18 as it was measured', () => {
    const decision = readFileSync(
      join(docs, 'decisions/0018-limits-are-asked-narrowest-first.md'),
      'utf8',
    );
    const [busy, slow] = ['as fast as it goes', '20 a second'].map(
      (pace) => ours[`four layers, ${pace} · writeUnits`],
    );
    const peer = theirs['four layers, 20 a second · writeUnits'];
    expect(decision).toMatch(`Measured: ${busy} write units`);
    expect(decision).toMatch(`${slow} at twenty calls a second, beside ${peer} of four`);
  });

  it('is at most one and a half for four layers', () => {
    for (const pace of ['as fast as it goes', '20 a second'])
      expect(ours[`four layers, ${pace} · writeUnits`]).toBeLessThanOrEqual(1.5);
  });

  it('lets nobody in beyond the limit, of fifty callers at once', () => {
    expect(ours['fifty callers at once · overAdmitted']).toBe(0);
    expect(ours['fifty callers at once · accuracy']).toBeGreaterThan(0.95);
    expect(ours['fifty callers at once · faults']).toBe(0);
  });

  it('is no more time in memory than rate-limiter-flexible’s memory store takes', () => {
    expect(ours['in memory · p50Ratio']).toBeLessThanOrEqual(1);
  });
});
