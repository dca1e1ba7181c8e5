/**
 * Whether tests were left out as the table of capabilities has it: each by the name of a row that the
 * engine lacks, and of each row as many as the table says need it, no more and no less.
 */

import { doesOn } from '#local/capabilities/on-engine.ts';
import type { CapabilityRow } from '#local/capabilities/table.ts';
import type { EngineName } from '#local/engines/names.ts';

export interface Skips {
  readonly engine: EngineName;
  readonly leftOut: readonly { readonly test: string; readonly reason: string | undefined }[];
  /** Every test of the suite was asked for, so the counts must be the table's. */
  readonly whole: boolean;
  readonly rows: Readonly<Record<string, CapabilityRow>>;
}

const named = /^needs ([a-z-]+): /;

/** Why a test is left out: `needs plan-rate: …; probed: …`. */
export const toReason = (row: string, { means }: CapabilityRow, saw: string): string =>
  `needs ${row}: ${means.replace(/\.$/, '')}; probed: ${saw}`;

export function faultsOfSkips({ engine, leftOut, whole, rows }: Skips): readonly string[] {
  const lacked = Object.entries(rows).filter(([, row]) => !doesOn(engine, row));
  const rowOf = ({ reason }: Skips['leftOut'][number]) =>
    lacked.find(([name]) => name === named.exec(reason ?? '')?.[1])?.[0];
  const unnamed = leftOut.filter((skip) => rowOf(skip) === undefined);
  const wrongCounts = lacked.flatMap(([name, { neededBy = 0 }]) => {
    const found = leftOut.filter((skip) => rowOf(skip) === name).length;
    return whole && found !== neededBy
      ? [`${name} is needed by ${neededBy} tests, and ${found} were left out for it on ${engine}`]
      : [];
  });
  return [
    ...unnamed.map(
      ({ test, reason = 'no reason given' }) =>
        `${test} is left out for nothing that ${engine} lacks (${reason})`,
    ),
    ...wrongCounts,
  ];
}
