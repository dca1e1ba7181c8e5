/** Findings of a tool against the table of those that are accepted. */

import type { Stage } from '#functions/tables/names.ts';
import type { AcceptedFinding } from '#infra/accepted-findings.ts';

export interface Finding {
  readonly rule: string;
  readonly where: string;
  readonly stage: Stage;
}

const accepts = (row: AcceptedFinding, { rule, where, stage }: Finding): boolean =>
  row.rule === rule && row.where.test(where) && (row.stage ?? stage) === stage;

/** What no row accepts, each once. */
export const unaccepted = (
  findings: readonly Finding[],
  accepted: readonly AcceptedFinding[],
): string[] => [
  ...new Set(
    findings
      .filter((finding) => !accepted.some((row) => accepts(row, finding)))
      .map(({ rule, where, stage }) => `${rule} at ${where} in stage ${stage}`),
  ),
];

/** Rows that accept nothing any more, by their rule and place. */
export const stale = (
  findings: readonly Finding[],
  accepted: readonly AcceptedFinding[],
): string[] =>
  accepted
    .filter((row) => !findings.some((finding) => accepts(row, finding)))
    .map(({ rule, where }) => `${rule} at ${where}`);

/** A reason is a sentence that says more than that it is accepted. */
export const withoutReason = (accepted: readonly AcceptedFinding[]): string[] =>
  accepted
    .filter(({ reason }) => !/^[A-Z].*\.$/.test(reason) || reason.split(/\s+/).length < 8)
    .map(({ rule, where }) => `${rule} at ${where}`);
