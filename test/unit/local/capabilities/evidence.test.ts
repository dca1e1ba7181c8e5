import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inTableOrder, readEvidence } from '#local/capabilities/evidence.ts';
import { doesOn } from '#local/capabilities/on-engine.ts';
import { enginesPage } from '#local/capabilities/page.ts';
import { type Capability, capabilities } from '#local/capabilities/table.ts';
import { probedEngines } from '#local/engines/names.ts';

const rows = Object.keys(capabilities) as Capability[];

describe.each(probedEngines)('the evidence of %s', (engine) => {
  const { findings } = readEvidence(engine);

  it('has a finding for every row of the table, in its order, and for no other', () => {
    expect(Object.keys(findings)).toEqual(rows);
  });

  it.each(rows)('is what the table says of %s', (row) => {
    expect(findings[row]?.does, findings[row]?.saw).toBe(doesOn(engine, capabilities[row]));
  });
});

describe('findings', () => {
  it('are kept in the order of the table, in whatever order they came', () => {
    const finding = { does: true, saw: 'it' };
    const kept = inTableOrder({ load: finding, 'api-key': finding });
    expect(Object.keys(kept)).toEqual(['api-key', 'load']);
  });
});

describe('docs/engines.md', () => {
  it('is what `npm run probe` writes from table and evidence', () => {
    const page = enginesPage({
      rows: capabilities,
      evidence: { ministack: readEvidence('ministack'), localstack: readEvidence('localstack') },
    });
    expect(readFileSync('docs/engines.md', 'utf8')).toBe(page);
  });
});
