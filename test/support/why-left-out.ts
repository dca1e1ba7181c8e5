/** Why a test that needs a capability cannot run here, if it cannot. */
import { doesOn } from '#local/capabilities/on-engine.ts';
import type { Finding } from '#local/capabilities/probe.ts';
import type { CapabilityRow } from '#local/capabilities/table.ts';
import type { EngineName } from '#local/engines/names.ts';
import { toReason } from '../reporters/named-skips.ts';

export interface Needing {
  /** Undefined on AWS, where nothing is left out. */
  readonly engine: EngineName | undefined;
  /** By its name, as the table has it. */
  readonly row: readonly [name: string, row: CapabilityRow];
  /** Asks the engine itself; its word counts, not the table's. */
  readonly ask: (name: string) => Promise<Finding>;
}

export async function whyLeftOut({
  engine,
  row: [name, row],
  ask,
}: Needing): Promise<string | undefined> {
  if (engine === undefined || doesOn(engine, row)) return undefined;
  const { does, saw } = await ask(name);
  return does ? undefined : toReason(name, row, saw);
}
