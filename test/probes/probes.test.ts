/** The engine under test, row by row: it does what the table says, and nothing that the table denies. */
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { newLab } from '#local/capabilities/lab.ts';
import { doesOn } from '#local/capabilities/on-engine.ts';
import { order, probes } from '#local/capabilities/probes.ts';
import { type Outcome, runProbes } from '#local/capabilities/run.ts';
import { type Capability, capabilities } from '#local/capabilities/table.ts';
import type {} from '../support/engine-under-test.ts';
import { findingsIn } from '../support/findings.ts';

const rows = Object.keys(capabilities) as Capability[];
const findings = findingsIn(process.env['HOLDFAST_FINDINGS']);

describe('the engine does what the table says:', () => {
  let outcomes: ReadonlyMap<Capability, Promise<Outcome>> = new Map();

  // All begin together, those that a filter of vitest leaves out apart: each test awaits its own.
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it that no fixture is wanted
  beforeAll(({}, { tasks }) => {
    const chosen = new Set(tasks.filter(({ mode }) => mode === 'run').map(({ name }) => name));
    const [endpoint, region] = [inject('endpoint') ?? '', inject('region')];
    outcomes = runProbes({
      ids: rows.filter((row) => chosen.has(row)),
      probes,
      ...order,
      newLab: () => newLab({ endpoint, region }),
    });
  });

  it.each(rows)('%s', async (row) => {
    const outcome = await outcomes.get(row);
    if (!outcome) throw new Error(`${row} was not probed`);
    if ('fault' in outcome) throw outcome.fault;
    const { finding } = outcome;
    findings.keep(row, finding);
    const engine = inject('engine');
    if (!engine) throw new Error('the suite has started no engine');
    expect(finding.does, `seen on ${engine}: ${finding.saw}`).toBe(
      doesOn(engine, capabilities[row]),
    );
  });
});
