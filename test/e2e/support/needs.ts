/**
 * What a test needs of the engine, said at its beginning. Where the table of capabilities lacks it,
 * the engine is asked, and only when it cannot is the test left out, with what was seen.
 */
import { inject, type TestContext } from 'vitest';
import { newLab } from '#local/capabilities/lab.ts';
import type { Finding } from '#local/capabilities/probe.ts';
import { probes } from '#local/capabilities/probes.ts';
import { runProbes } from '#local/capabilities/run.ts';
import { type Capability, type CapabilityRow, capabilities } from '#local/capabilities/table.ts';
import type {} from '../../support/engine-under-test.ts';
import { findingsIn } from '../../support/findings.ts';
import { whyLeftOut } from '../../support/why-left-out.ts';

const findings = findingsIn(process.env['HOLDFAST_FINDINGS']);

/** A test names one row: the first that it cannot do without. */
export async function needs({ skip }: Pick<TestContext, 'skip'>, name: Capability): Promise<void> {
  const row: CapabilityRow = capabilities[name];
  const reason = await whyLeftOut({
    engine: inject('engine'),
    row: [name, row],
    ask: () => findings.of(name, () => probed(name)),
  });
  if (reason !== undefined) skip(reason);
}

async function probed(name: Capability): Promise<Finding> {
  const [endpoint, region] = [inject('endpoint') ?? '', inject('region')];
  const outcomes = runProbes({
    ids: [name],
    probes,
    newLab: () => newLab({ endpoint, region }),
  });
  const outcome = await outcomes.get(name);
  if (outcome && 'finding' in outcome) return outcome.finding;
  throw new Error(`the probe of ${name} has failed`, { cause: outcome?.fault });
}
