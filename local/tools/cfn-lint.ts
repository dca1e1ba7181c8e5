/**
 * cfn-lint: what CloudFormation, or a careful reader, would say against a template. Pinned, and
 * installed into this checkout. A template of four hundred resources takes it seven seconds, so what
 * it said of one is kept by the template's hash.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { checkout, holdfastFolder } from '../bootstrap/paths.mjs';
import { enginePackages, findPython } from '../bootstrap/python.mjs';

export interface LintFinding {
  /** `E3012`; what begins with W is a warning. */
  readonly rule: string;
  /** Where in the template: `Resources/queue/Properties/VisibilityTimeout`. */
  readonly path: string;
  readonly message: string;
}

export interface LintOptions {
  /** Where CloudFormation would run it. */
  readonly region?: string;
  /** Where verdicts are kept. Default: below `.holdfast` of this checkout. */
  readonly folder?: string;
}

const report = z.array(
  z.object({
    Rule: z.object({ Id: z.string() }),
    Message: z.string(),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])).nullable() }),
  }),
);

const kept = 50;

/** @throws EnvironmentMissing where it cannot be installed. @throws Error when it gives no verdict. */
export async function lint(
  template: string,
  { region = 'us-east-1', folder = join(holdfastFolder, 'cfn-lint') }: LintOptions = {},
): Promise<readonly LintFinding[]> {
  const verdict = join(folder, `${hashOf([region, template])}.json`);
  const said = existsSync(verdict) ? readFileSync(verdict, 'utf8') : await ask(template, region);
  const findings = report.parse(JSON.parse(said)).map(({ Rule, Message, Location }) => ({
    rule: Rule.Id,
    path: (Location.Path ?? []).join('/'),
    message: Message,
  }));
  keep(folder, verdict, said);
  return findings;
}

/** With the list of its packages: another version may say more. */
function hashOf(told: readonly string[]): string {
  const packages = readFileSync(join(checkout, 'local', 'requirements-cfn-lint.txt'), 'utf8');
  return createHash('sha256')
    .update(JSON.stringify([packages, ...told]))
    .digest('hex')
    .slice(0, 24);
}

async function ask(template: string, region: string): Promise<string> {
  const python = await findPython();
  const packages = await enginePackages('cfn-lint', python);
  // In a folder of its own, which is its home too: no settings of a person or a project have a say.
  const home = mkdtempSync(join(tmpdir(), 'holdfast-cfn-lint-'));
  try {
    const file = join(home, 'template.json');
    writeFileSync(file, template);
    return await run(
      python.executable,
      [join(packages, 'bin', 'cfn-lint'), '--format', 'json', '--regions', region, '-t', file],
      { cwd: home, env: { HOME: home, PYTHONPATH: packages, PATH: process.env['PATH'] } },
    );
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** Its exit code says what kind of findings there are, as its report does; without one it failed. */
const run = (
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(command, args, { ...options, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      if (stdout.trim().startsWith('[')) resolve(stdout);
      else reject(new Error(`cfn-lint gave no verdict: ${stderr.trim()}`, { cause: error }));
    });
  });

/** The newest verdicts, each whole or not at all. */
function keep(folder: string, verdict: string, said: string): void {
  if (existsSync(verdict)) return;
  mkdirSync(folder, { recursive: true });
  const draft = `${verdict}.${process.pid}`;
  writeFileSync(draft, said);
  renameSync(draft, verdict);
  const byAge = readdirSync(folder)
    .map((name) => join(folder, name))
    .map((path) => ({ path, madeMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.madeMs - a.madeMs);
  for (const { path } of byAge.slice(kept)) rmSync(path, { force: true });
}
