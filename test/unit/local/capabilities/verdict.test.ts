import { describe, expect, it } from 'vitest';
import type { CapabilityRow } from '#local/capabilities/table.ts';
import { verdictOn } from '#local/capabilities/verdict.ts';

const row = (on: CapabilityRow['on']): CapabilityRow => ({
  area: 'queues',
  means: 'It works.',
  on,
});
const rows = { here: row(['ministack']), there: row(['localstack']) };
const found = (does: boolean) => ({ finding: { does, saw: 'it' }, tookMs: 1 });
const failed = { fault: new Error('lost'), tookMs: 1 };

describe('the verdict of a run', () => {
  it('is good when the engine does what the table says, and nothing that it denies', () => {
    const verdict = verdictOn('ministack', rows);
    expect(verdict.add('here', found(true))).toMatch(/^✓ here +it$/);
    expect(verdict.add('there', found(false))).toMatch(/^– there +it$/);
    expect(verdict.isGood()).toBe(true);
    expect(verdict.sum()).toBe(
      '1 of 2 rows done, 0 otherwise than the table says, 0 probes failed',
    );
  });

  it.each([
    ['lacks what the table claims', 'here', false],
    ['does what the table denies', 'there', true],
  ])('is not good when the engine %s', (_, id, does) => {
    const verdict = verdictOn('ministack', rows);
    expect(verdict.add(id, found(does))).toContain('← the table says otherwise');
    expect(verdict.isGood()).toBe(false);
    expect(verdict.isWhole()).toBe(true);
  });

  it('is neither good nor whole when a probe failed, which is no finding', () => {
    const verdict = verdictOn('ministack', rows);
    expect(verdict.add('there', failed)).toContain('✗ there  the probe failed: Error: lost');
    expect(verdict.isGood()).toBe(false);
    expect(verdict.isWhole()).toBe(false);
    expect(verdict.findings).toEqual({});
    expect(verdict.sum()).toBe(
      '0 of 1 rows done, 0 otherwise than the table says, 1 probes failed',
    );
  });

  it('tells every fault of a probe that failed in more ways than one', () => {
    const fault = new AggregateError([new Error('lost'), new Error('left behind')], 'both');
    const line = verdictOn('ministack', rows).add('here', { fault, tookMs: 1 });
    expect(line).toContain('Error: lost');
    expect(line).toContain('Error: left behind');
  });
});
