import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { findingsIn } from '../../support/findings.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-findings-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const asking = (saw: string) => vi.fn(async () => ({ does: false, saw }));

describe('what was found in a run', () => {
  it('is asked once, by whichever suite comes first', async () => {
    const place = folder();
    const [first, second] = [asking('first'), asking('second')];
    expect(await findingsIn(place).of('plan-rate', first)).toEqual({ does: false, saw: 'first' });
    expect(await findingsIn(place).of('plan-rate', second)).toEqual({ does: false, saw: 'first' });
    expect(second).not.toHaveBeenCalled();
    expect((await findingsIn(place).of('load', second)).saw).toBe('second');
  });

  it('is what the suite of probes has found, where that came before', async () => {
    const place = folder();
    findingsIn(place).keep('plan-rate', { does: true, saw: 'of the probes' });
    expect(await findingsIn(place).of('plan-rate', asking('again'))).toEqual({
      does: true,
      saw: 'of the probes',
    });
  });

  it('is remembered by one process where there is no folder', async () => {
    const findings = findingsIn(undefined);
    await findings.of('plan-rate', asking('first'));
    expect((await findings.of('plan-rate', asking('second'))).saw).toBe('first');
    expect((await findingsIn(undefined).of('plan-rate', asking('third'))).saw).toBe('third');
  });

  it('is not what a probe failed to find', async () => {
    const findings = findingsIn(folder());
    const failing = async () => {
      throw new Error('no answer');
    };
    await expect(findings.of('plan-rate', failing)).rejects.toThrow('no answer');
    expect((await findings.of('plan-rate', asking('now'))).saw).toBe('now');
  });

  it('is not read from a file that holds something else', async () => {
    const place = folder();
    writeFileSync(join(place, 'plan-rate.finding.json'), '{"does":"yes"}');
    await expect(findingsIn(place).of('plan-rate', asking('x'))).rejects.toThrow('does');
  });
});
