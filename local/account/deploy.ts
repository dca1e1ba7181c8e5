/**
 * Deploys a stage to the caller's account: where it goes and what will change are shown before
 * anybody is asked, and what is deployed is what was shown.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type Stage, stackName } from '#functions/tables/names.ts';
import { UsageError } from '#ops/usage-error.ts';
import { holdfastFolder } from '../bootstrap/paths.mjs';
import type { Seeded } from '../seed.ts';
import { readTemplates, type StackTemplate } from '../settle/deployed.ts';
import { deployed } from './deployed.ts';
import type { AccountOptions } from './options.ts';
import type { Person } from './person.ts';
import type { Place } from './reach.ts';
import type { StageStack } from './stacks.ts';

export interface DeployWork {
  readonly person: Person;
  /** @throws EnvironmentMissing */
  readonly place: () => Promise<Place>;
  /** What else the account must have. @throws EnvironmentMissing */
  readonly assertReady: (place: Place, options: AccountOptions) => Promise<void>;
  /** Those that the stage has now. */
  readonly stacks: (stage: Stage) => Promise<readonly StageStack[]>;
  /** The CDK's own command line, at the terminal. @returns its exit code. */
  readonly cdk: (args: readonly string[]) => Promise<number>;
  readonly seed: (stage: Stage) => Promise<Seeded>;
}

/** Said before anything is called, as nothing that was said later could help. */
export function assertSomebody({ present }: Person, { yes, dryRun }: AccountOptions): void {
  if (!present && !yes && !dryRun)
    throw new UsageError(
      'nobody can be asked here, as this is no terminal: say --yes to go ahead without asking, or --dry-run to see what it would do',
    );
}

export const placeLine = ({ account, region, caller, endpoint }: Place): string =>
  `Account ${account}, region ${region}, as ${caller}.${endpoint ? `\nAWS_ENDPOINT_URL is set: this goes to ${endpoint}, not to AWS.` : ''}`;

/** @returns the exit code. */
export async function deployToAccount(
  options: AccountOptions,
  { person, place, assertReady, stacks, cdk, seed }: DeployWork,
): Promise<number> {
  const { stage, dryRun, yes, contexts, config } = options;
  assertSomebody(person, options);
  const where = await place();
  person.tell(placeLine(where));
  await assertReady(where, options);
  const folder = ownFolder();
  try {
    const [assembly, outputs] = [join(folder, 'cdk.out'), join(folder, 'outputs.json')];
    if ((await cdk(['diff', ...contexts, '--output', assembly])) !== 0) return 1;
    if (!config.backups) tellKept(person, stage, await stacks(stage));
    if (dryRun) return 0;
    if (!yes && !(await agreed(person, stage, where))) return 1;
    const told = ['--require-approval', 'never', '--outputs-file', outputs];
    if ((await cdk(['deploy', '--all', '--app', assembly, ...told])) !== 0) return 1;
    if (config.demoTenants) tellSeeded(person, await seed(stage));
    person.tell(deployed({ stage, place: where, ...madeIn(assembly, outputs) }));
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The CDK leaves a stack alone that the app no longer has: this one would go on unseen. */
function tellKept(person: Person, stage: Stage, there: readonly StageStack[]): void {
  const recovery = stackName(stage, 'recovery');
  if (there.some(({ name }) => name === recovery))
    person.tell(
      `\nThe stack ${recovery} stays, though --backups was not said: it goes on making daily copies of the tables, which are billed. It goes with npm run destroy.`,
    );
}

function ownFolder(): string {
  const parent = join(holdfastFolder, 'run');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'account-'));
}

async function agreed(person: Person, stage: Stage, { account, region }: Place): Promise<boolean> {
  const answer = await person.ask(
    `\nDeploy this as stage ${stage} to account ${account}, region ${region}? [y/N] `,
  );
  if (/^y(es)?$/i.test(answer?.trim() ?? '')) return true;
  person.tell('Nothing was changed.');
  return false;
}

const tellSeeded = (person: Person, { written, found }: Seeded): void =>
  person.tell(`\nDemo data: ${written} items written, ${found} were there.`);

const outputsSchema = z.record(z.string(), z.record(z.string(), z.string()));

function madeIn(
  assembly: string,
  file: string,
): { templates: readonly StackTemplate[]; outputs: Readonly<Record<string, string>> } {
  const stacks = outputsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return {
    templates: readTemplates(assembly),
    outputs: Object.assign({}, ...Object.values(stacks)),
  };
}
