/** docs/slo.md, from the table. */
import { routes } from '#functions/tables/routes.ts';
import { errorBudgetRatio, type SloRow, slos, sloWindowDays } from './slos.ts';

type SloRoute = keyof typeof slos;

const percent = (ratio: number): string => `${Number((ratio * 100).toPrecision(6))} %`;

function line([route, row]: [SloRoute, SloRow]): string {
  const { method, path } = routes[route];
  const call = `\`${method} ${path}\``;
  const perMillion = Math.round(errorBudgetRatio(row) * 1_000_000).toLocaleString('en');
  return `| ${call} | ${row.means} | ${percent(row.availabilityRatio)} | ${perMillion} | ${row.p95Ms} ms |`;
}

export const sloPage =
  (): string => `<!-- Written by \`node infra/generate.ts\` from infra/slos.ts. -->

# Service level objectives

Over any ${sloWindowDays} days:

| call | what it is | answers without a fault of ours | faults allowed in a million | 95 of 100 within |
|---|---|---|---|---|
${(Object.entries(slos) as [SloRoute, SloRow][]).map(line).join('\n')}

- A *fault of ours* is an answer of status 500 or above. A refusal (4xx) is an answer: whoever sends
  a bad request, or too many, spends nothing of this budget.
- Time is measured at the gateway, from the first byte in to the last byte out, for every answer.
- A local engine says nothing about time on AWS. There the thresholds catch a change for the worse.

Load tests are held to the same numbers: \`k6/generated/thresholds.json\` has them as thresholds, by
route, for requests that carry the tag \`route\`; k6 must count answers from 500 up as failed, and no others.
`;
