import { describe, expect, it } from 'vitest';
import type { AcceptedFinding } from '#infra/accepted-findings.ts';
import { type Finding, stale, unaccepted, withoutReason } from './acceptance.ts';

const row: AcceptedFinding = {
  rule: 'R1',
  where: /^Service\/\w+$/,
  reason: 'The queue is read by nobody else, and costs nothing while it is empty.',
};
const finding: Finding = { rule: 'R1', where: 'Service/a', stage: 'sandbox' };

describe('the table of accepted findings', () => {
  it('accepts what it names, where it names it', () => {
    expect(unaccepted([finding], [row])).toEqual([]);
    expect(unaccepted([finding], [{ ...row, stage: 'sandbox' }])).toEqual([]);
  });

  it.each([
    ['of another rule', { ...finding, rule: 'R2' }, row],
    ['at another place', { ...finding, where: 'State/a' }, row],
    ['in another stage', finding, { ...row, stage: 'local' } as const],
  ])('does not accept a finding %s', (_, found, accepted) => {
    expect(unaccepted([found, found], [accepted])).toEqual([
      `${found.rule} at ${found.where} in stage sandbox`,
    ]);
    expect(stale([found], [accepted])).toEqual([`R1 at ${row.where}`]);
  });

  it('has nothing stale while each row accepts something', () => {
    expect(stale([finding], [row])).toEqual([]);
    expect(stale([], [row])).toEqual([`R1 at ${row.where}`]);
  });

  it.each(['', 'Accepted.', 'False positive, as everybody knows, of this tool', 'n/a'])(
    'takes %j for no reason',
    (reason) => {
      expect(withoutReason([{ ...row, reason }])).toEqual([`R1 at ${row.where}`]);
    },
  );

  it('takes a sentence for a reason', () => {
    expect(withoutReason([row])).toEqual([]);
  });
});
