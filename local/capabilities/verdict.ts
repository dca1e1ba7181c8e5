/** What a run of probes says of the table: row by row, and as a whole. */
import type { ProbedEngine } from '../engines/names.ts';
import { doesOn } from './on-engine.ts';
import type { Finding } from './probe.ts';
import type { Outcome } from './run.ts';
import type { CapabilityRow } from './table.ts';

export interface Verdict {
  /** One line for a row, when its probe has ended. */
  add(id: string, outcome: Outcome): string;
  /** By row, without those whose probe failed. */
  readonly findings: Readonly<Record<string, Finding>>;
  /** Every probe has ended with a finding. */
  isWhole(): boolean;
  /** …and the table says the same. */
  isGood(): boolean;
  /** The last line. */
  sum(): string;
}

export function verdictOn(
  engine: ProbedEngine,
  rows: Readonly<Record<string, CapabilityRow>>,
): Verdict {
  const findings: Record<string, Finding> = {};
  let [faults, otherwise] = [0, 0];
  return {
    findings,
    add(id, outcome) {
      if ('fault' in outcome) {
        faults++;
        return `✗ ${id}  the probe failed: ${textOf(outcome.fault)}`;
      }
      const { finding } = outcome;
      findings[id] = finding;
      const row = rows[id];
      const agrees = row !== undefined && doesOn(engine, row) === finding.does;
      if (!agrees) otherwise++;
      const end = agrees ? '' : '  ← the table says otherwise';
      return `${finding.does ? '✓' : '–'} ${id.padEnd(32)} ${finding.saw}${end}`;
    },
    isWhole: () => faults === 0,
    isGood: () => faults === 0 && otherwise === 0,
    sum() {
      const ended = Object.values(findings);
      const done = ended.filter(({ does }) => does).length;
      return `${done} of ${ended.length + faults} rows done, ${otherwise} otherwise than the table says, ${faults} probes failed`;
    },
  };
}

const textOf = (fault: unknown): string =>
  fault instanceof AggregateError
    ? `${fault.stack}\n${fault.errors.map((error) => `  ${textOf(error)}`).join('\n')}`
    : fault instanceof Error
      ? (fault.stack ?? fault.message)
      : String(fault);
