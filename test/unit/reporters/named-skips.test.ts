import { describe, expect, it } from 'vitest';
import type { CapabilityRow } from '#local/capabilities/table.ts';
import { faultsOfSkips, type Skips, toReason } from '../../reporters/named-skips.ts';

const row = (fields: Partial<CapabilityRow> = {}): CapabilityRow => ({
  area: 'gateway',
  means: 'It does something.',
  on: [],
  ...fields,
});

const rows = {
  'plan-rate': row({ on: ['ministack'], neededBy: 2 }),
  rotation: row({ on: ['localstack'], neededBy: 1 }),
  'emf-metrics': row(),
};

const leftOutFor = (...names: readonly string[]): Skips['leftOut'] =>
  names.map((name, n) => ({
    test: `test ${n}`,
    reason: toReason(name, row(), 'nothing of it'),
  }));

const faults = (fields: Partial<Skips>) =>
  faultsOfSkips({
    engine: 'localstack',
    leftOut: leftOutFor('plan-rate', 'plan-rate'),
    whole: true,
    rows,
    ...fields,
  });

describe('what is left out of a suite', () => {
  it('says the row, what it means and what was seen', () => {
    expect(toReason('plan-rate', row(), '40 of 40 let in')).toBe(
      'needs plan-rate: It does something; probed: 40 of 40 let in',
    );
  });

  it('is right when each is named by a row that the engine lacks, as often as the table says', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ engine: 'ministack', leftOut: leftOutFor('rotation') })).toEqual([]);
    expect(faults({ engine: 'localstack-docker' })).toEqual([]);
  });

  it.each([
    [['plan-rate'], 1],
    [['plan-rate', 'plan-rate', 'plan-rate'], 3],
    [[], 0],
  ])('has one fault that says which row has how many: %j', (names, found) => {
    expect(faults({ leftOut: leftOutFor(...names) })).toEqual([
      `plan-rate is needed by 2 tests, and ${found} were left out for it on localstack`,
    ]);
  });

  it('is not counted where a part of the suite was asked for', () => {
    expect(faults({ leftOut: leftOutFor('plan-rate'), whole: false })).toEqual([]);
  });

  it('has a fault for a row that no test is said to need', () => {
    const leftOut = leftOutFor('plan-rate', 'plan-rate', 'emf-metrics');
    expect(faults({ leftOut })).toEqual([
      'emf-metrics is needed by 0 tests, and 1 were left out for it on localstack',
    ]);
  });

  it.each([
    ['gives no reason', undefined],
    ['gives another reason', 'no Docker here'],
    ['names no row', 'needs plan-speed: x; probed: y'],
    ['names a row that the engine has', 'needs rotation: x; probed: y'],
    ['names a row somewhere else in its reason', 'it needs plan-rate: x'],
  ])('has a fault for each that %s, in a part of the suite too', (_, reason) => {
    const leftOut = [...leftOutFor('plan-rate', 'plan-rate'), { test: 'the last', reason }];
    const fault = `the last is left out for nothing that localstack lacks (${reason ?? 'no reason given'})`;
    expect(faults({ leftOut })).toEqual([fault]);
    expect(faults({ leftOut, whole: false })).toEqual([fault]);
  });
});
