/** What `npm run probe` can be asked for. */
import { parseArgs } from 'node:util';
import { loopbackEndpoint } from '#ops/aws-guard.ts';
import { UsageError } from '#ops/usage-error.ts';
import { defaultEngine, type ProbedEngine, probedEngines } from '../engines/names.ts';
import { type Capability, capabilities } from './table.ts';

export const probeUsage = `usage: npm run probe [-- options]
  --engine ${probedEngines.join('|')}   what is measured (default ${defaultEngine})
  --only <row>,<row>              some rows of local/capabilities/table.ts; nothing is written then
  --endpoint http://127.0.0.1:…   an engine that runs already, instead of one of its own; nothing is written then
  --page                          docs/engines.md from what was measured before; nothing is measured
  --json                          findings as JSON on stdout, everything else on stderr`;

export interface ProbeOptions {
  readonly engine: ProbedEngine;
  /** In the order of the table. */
  readonly ids: readonly Capability[];
  /** What is found is evidence: every row, on an engine of its own. */
  readonly isEvidence: boolean;
  readonly endpoint: string | undefined;
  readonly page: boolean;
  readonly json: boolean;
}

const all = Object.keys(capabilities) as Capability[];

/** @throws UsageError that says what is wrong. */
export function readProbeOptions(args: readonly string[]): ProbeOptions {
  try {
    return read(args);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function read(args: readonly string[]): ProbeOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: { type: 'string', default: defaultEngine },
      only: { type: 'string' },
      endpoint: { type: 'string' },
      page: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const engine = probedEngines.find((name) => name === values.engine);
  if (!engine)
    throw new RangeError(`--engine must be ${probedEngines.join(' or ')}, got '${values.engine}'`);
  const asked = values.only?.split(',');
  const unknown = asked?.filter((id) => !all.some((known) => known === id)) ?? [];
  if (unknown.length > 0) throw new RangeError(`--only: there is no row '${unknown.join("', '")}'`);
  return {
    engine,
    ids: all.filter((id) => asked?.includes(id) ?? true),
    isEvidence: asked === undefined && values.endpoint === undefined,
    endpoint: values.endpoint === undefined ? undefined : loopbackEndpoint(values.endpoint),
    page: values.page,
    json: values.json,
  };
}
