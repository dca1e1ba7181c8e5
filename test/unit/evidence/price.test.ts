/** The prices on the page of decision 12 are those of the kept benchmark. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const docs = join(import.meta.dirname, '../../../docs');
const page = readFileSync(join(docs, 'decisions/0012-the-price-of-once.md'), 'utf8');
const { metrics, against } = JSON.parse(
  readFileSync(join(docs, 'evidence/idempotency.json'), 'utf8'),
) as Record<'metrics' | 'against', Record<string, number>>;
const figures = { ...metrics, ...against };

const cases = ['first call', 'duplicate', 'refused by the use case'];
const stacks = ['stock', 'deferred', 'compact', 'compact, peek', 'lone put'];

describe('the price of once', () => {
  it.each(stacks)('of %s is on the page as it was measured', (stack) => {
    const cells = cases.map((name) =>
      ['calls', 'writeUnits', 'readUnits']
        .map((figure) => figures[`${name} · ${stack} · ${figure}`])
        .join(' / '),
    );
    expect(page).toContain(`| ${stack} | ${cells.join(' | ')} |`);
  });

  it('is at most two calls of the stock stack’s five, and no more write units', () => {
    const of = (stack: string, figure: string) =>
      Number(figures[`first call · ${stack} · ${figure}`]);
    expect(of('compact', 'calls') / of('stock', 'calls')).toBeLessThanOrEqual(0.4);
    expect(of('compact', 'writeUnits')).toBeLessThanOrEqual(of('stock', 'writeUnits'));
    expect(of('deferred', 'writeUnits')).toBeLessThanOrEqual(of('stock', 'writeUnits'));
  });
});
