/** Runs of tests one after the other, none of which is forgotten in the sum. */
import { oneFailure, type Tally } from './tally.ts';

export interface Part {
  /** The command, as a person would give it. */
  readonly name: string;
  readonly run: () => Promise<Tally>;
  /** What the machine lacks for it, with the remedy. */
  readonly missing?: () => Promise<string | undefined>;
  /** It has failed where something is missing; else it is left out. */
  readonly required?: boolean;
}

export interface PartEnd {
  readonly name: string;
  readonly tally: Tally;
  /** Why it was not run. */
  readonly why?: string;
}

const leftOut: Tally = { passed: 0, failed: 0, skipped: 1 };

/** Once somebody has asked for the end, no further part begins: those have failed. */
export async function inTurn(
  parts: readonly Part[],
  stop: AbortSignal,
): Promise<readonly PartEnd[]> {
  const ends: PartEnd[] = [];
  for (const part of parts) ends.push(await endOf(part, stop));
  return ends;
}

async function endOf(
  { name, run, missing, required = false }: Part,
  stop: AbortSignal,
): Promise<PartEnd> {
  if (stop.aborted) return { name, tally: oneFailure, why: 'Ended before it began.' };
  const why = await missing?.();
  if (why === undefined) return { name, tally: await run() };
  return { name, tally: required ? oneFailure : leftOut, why };
}
