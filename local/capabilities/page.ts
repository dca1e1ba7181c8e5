/** docs/engines.md: what engines do and do not, and so what a green run on one of them proves. */
import { type ProbedEngine, probedEngines } from '../engines/names.ts';
import { everyStep } from '../settle/steps.ts';
import type { Evidence } from './evidence.ts';
import { doesOn } from './on-engine.ts';
import type { CapabilityRow } from './table.ts';

const titles: Readonly<Record<ProbedEngine, string>> = {
  ministack: 'MiniStack',
  localstack: 'LocalStack',
};

const areas: Readonly<Record<CapabilityRow['area'], string>> = {
  gateway: 'API Gateway',
  functions: 'Lambda',
  queues: 'SQS',
  streams: 'Streams of tables',
  tables: 'DynamoDB',
  secrets: 'Secrets Manager',
  signals: 'Metrics, alarms, logs and schedules',
  account: 'The account as a whole',
};

export interface Page {
  readonly rows: Readonly<Record<string, CapabilityRow>>;
  readonly evidence: Readonly<Record<ProbedEngine, Evidence>>;
}

type Row = readonly [id: string, row: CapabilityRow];

export function enginesPage({ rows, evidence }: Page): string {
  const all: readonly Row[] = Object.entries(rows);
  const parts = [
    opening(evidence),
    notProven(all),
    leftOut(all),
    settled(),
    ...Object.keys(areas).map((area) =>
      areaTable(
        area as CapabilityRow['area'],
        all.filter(([, row]) => row.area === area),
        evidence,
      ),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

const opening = (evidence: Page['evidence']): string => `# Engines: what a green run on them proves

<!-- Written by \`npm run probe\`. The rows are in local/capabilities/table.ts, what was seen in docs/evidence/engines/. -->

A green run on a laptop proves what the engine under it really does, and nothing else. Each row below is one thing that AWS does. A
*probe* asks the engine for it through AWS's own API, with a control that shows that the question was understood, and tells by what
happened. A test fails where the table says otherwise than the probes find, in both directions: an engine that learns something is
noticed, and so is one that forgets.

Measured: ${probedEngines.map((engine) => `${titles[engine]} ${evidence[engine].version} by \`${evidence[engine].command}\``).join(', ')}.

\`localstack-docker\` is not probed, because no machine of ours has Docker. It is LocalStack again, older, in the last image that runs
without a token; a test that needs a row takes it for \`localstack\`.

To measure again, as after every new version of an engine:

\`\`\`sh
npm run probe -- --engine ministack
npm run probe -- --engine localstack
npm run probe -- --engine localstack --only rotation,stream-retries   # some rows; writes nothing
npm run probe -- --page    # only this page, after a change of the table's words
\`\`\`

A whole run takes little more than a minute, because some things come once a minute. It writes its evidence and this page, and ends with
exit code 1 where the table says otherwise. Then the table is put right first, and the tests that name the row after it.`;

function notProven(all: readonly Row[]): string {
  const [one, other] = probedEngines;
  const missingOn = (engine: ProbedEngine) => (row: CapabilityRow) => !doesOn(engine, row);
  const parts: readonly (readonly [string, (row: CapabilityRow) => boolean])[] = [
    [
      'On neither engine. Only AWS shows these',
      (row) => missingOn(one)(row) && missingOn(other)(row),
    ],
    [
      `Not on ${titles[one]}, the default, but on ${titles[other]}`,
      (row) => missingOn(one)(row) && !missingOn(other)(row),
    ],
    [
      `Not on ${titles[other]}, but on ${titles[one]}`,
      (row) => missingOn(other)(row) && !missingOn(one)(row),
    ],
  ];
  return [
    '## What a green local run does not prove',
    ...parts.map(([title, picks]) => {
      const picked = all.filter(([, row]) => picks(row));
      const lines = picked.map(([id, { means }]) => `- ${means} [\`${id}\`](#${id})`);
      return `**${title}** (${picked.length} of ${all.length}):\n\n${lines.join('\n')}`;
    }),
  ].join('\n\n');
}

function leftOut(all: readonly Row[]): string {
  const needed = all.filter(([, { neededBy = 0 }]) => neededBy > 0);
  const count = (engine: ProbedEngine) =>
    needed
      .filter(([, row]) => !doesOn(engine, row))
      .reduce((sum, [, { neededBy = 0 }]) => sum + neededBy, 0);
  const lines = needed.map(
    ([id, row]) =>
      `| [\`${id}\`](#${id}) | ${row.neededBy} | ${
        probedEngines
          .filter((engine) => !doesOn(engine, row))
          .map((engine) => titles[engine])
          .join(', ') || 'none'
      } |`,
  );
  return `## End-to-end tests that need a row

They are left out by its name where an engine lacks it, after its probe has found in that very run that it cannot: ${probedEngines.map((engine) => `${count(engine)} on ${titles[engine]}`).join(', ')}.

| row | tests | left out on |
|---|---:|---|
${lines.join('\n')}`;
}

function settled(): string {
  const lines = everyStep
    .filter(({ apply }) => apply)
    .map(({ name, type }) => `| ${name} | \`${type}\` |`);
  return `## Settings that CloudFormation loses

Engines take a template and leave out settings without a word. After a deployment every such setting is read from the templates, looked up
through the public API, set where it is missing, and read again (\`local/settle/\`); what cannot be put right ends the start with the
resource and the difference. So rows that end in \`-deployed\` are not proven by a deployment here, though what they set stands. On AWS
nothing is settled.

| setting | resource |
|---|---|
${lines.join('\n')}`;
}

function areaTable(
  area: CapabilityRow['area'],
  rows: readonly Row[],
  evidence: Page['evidence'],
): string {
  const cell = (engine: ProbedEngine, [id, row]: Row): string => {
    const saw = evidence[engine].findings[id]?.saw ?? 'not measured yet';
    const note = row.notes?.[engine];
    return inCell(`${doesOn(engine, row) ? '✓' : '–'} ${saw}${note ? `. ${note}` : ''}`);
  };
  const lines = rows.map(
    (row) =>
      `| <a id="${row[0]}"></a>\`${row[0]}\` | ${inCell(row[1].means)} | ${probedEngines.map((engine) => cell(engine, row)).join(' | ')} |`,
  );
  return `## ${areas[area]}

| row | what AWS does | ${probedEngines.map((engine) => titles[engine]).join(' | ')} |
|---|---|${probedEngines.map(() => '---|').join('')}
${lines.join('\n')}`;
}

const inCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
