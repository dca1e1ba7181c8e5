/** Writes docs/evidence/protocol: how many schedules were explored, and what convicts each control. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { convicted, mistakeControls, stockControls } from './controls/convictions.ts';
import { explorations, lineOf, run } from './explorations.ts';
import { keptFolder, summaryFile } from './kept.ts';

const files = new Map<string, string>();
const summary: string[] = [];
const tell = (line: string) => {
  console.log(line);
  summary.push(line);
};

for (const control of [...stockControls, ...mistakeControls]) {
  const found = await convicted(control);
  if (!found) throw new Error(`${control.what} was not convicted of ${control.never}`);
  files.set(`${control.slug}.txt`, found.text);
  tell(`${control.slug}: ${control.never} (steps: ${found.steps})`);
}

let schedules = 0;
for (const [protocol, list] of Object.entries(explorations)) {
  tell(`\n${protocol}`);
  for (const exploration of list) {
    const explored = await run(exploration);
    for (const { text } of explored.found) throw new Error(text);
    schedules += explored.schedules;
    tell(`  ${lineOf(exploration, explored)}`);
  }
}
tell(`\n${schedules} schedules, none broke a promise`);
files.set(summaryFile, `${summary.join('\n')}\n`);

// Only now: a run that failed leaves what was kept as it is.
rmSync(keptFolder, { recursive: true, force: true });
mkdirSync(keptFolder, { recursive: true });
for (const [file, text] of files) writeFileSync(join(keptFolder, file), text);
