/** What every benchmark prints: a table for people, one line of JSON for machines, and a file of it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Spread {
  readonly p50: number;
  readonly p10: number;
  readonly p90: number;
  readonly runs: number;
}

export function spreadOf(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new RangeError('no samples, so there is nothing to report');
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (ratio: number) => round(sorted[Math.floor(ratio * (sorted.length - 1))] ?? 0);
  return { p50: at(0.5), p10: at(0.1), p90: at(0.9), runs: sorted.length };
}

export const round = (value: number): number => Math.round(value * 100) / 100;

export interface Report {
  readonly bench: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** The peer's figures, from the same run. */
  readonly against: Readonly<Record<string, number>>;
}

export function print(report: Report, rows: Readonly<Record<string, object>>): void {
  console.table(rows);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim();
  const line = JSON.stringify({ ...report, commit });
  const folder = fileURLToPath(new URL('../../reports/bench', import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${report.bench}.json`), `${line}\n`);
  console.log(line);
}
