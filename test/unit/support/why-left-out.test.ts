import { describe, expect, it, vi } from 'vitest';
import type { CapabilityRow } from '#local/capabilities/table.ts';
import { whyLeftOut } from '../../support/why-left-out.ts';

const row: CapabilityRow = { area: 'gateway', means: 'It counts calls.', on: ['ministack'] };

const finding = (does: boolean) => vi.fn(async () => ({ does, saw: '40 of 40 let in' }));

const why = (engine: 'ministack' | 'localstack' | 'localstack-docker' | undefined, does: boolean) =>
  whyLeftOut({ engine, row: ['plan-rate', row], ask: finding(does) });

describe('a test that needs a capability', () => {
  it('runs on AWS and where the table has it, and nobody is asked', async () => {
    for (const engine of [undefined, 'ministack'] as const) {
      const ask = finding(false);
      expect(await whyLeftOut({ engine, row: ['plan-rate', row], ask })).toBeUndefined();
      expect(ask).not.toHaveBeenCalled();
    }
  });

  it('is left out where the table lacks it and the engine does, with what was seen', async () => {
    const reason = 'needs plan-rate: It counts calls; probed: 40 of 40 let in';
    expect(await why('localstack', false)).toBe(reason);
    expect(await why('localstack-docker', false)).toBe(reason);
  });

  it('runs where the engine has learnt it, whatever the table says', async () => {
    expect(await why('localstack', true)).toBeUndefined();
  });

  it('fails where the engine cannot be asked', async () => {
    const ask = async () => {
      throw new Error('the probe of plan-rate has failed');
    };
    const asked = whyLeftOut({ engine: 'localstack', row: ['plan-rate', row], ask });
    await expect(asked).rejects.toThrow('the probe of plan-rate has failed');
  });
});
