/**
 * Takes a stage out of the caller's account: what will go is said, its name has to be typed, and what
 * is left in the end is looked up and listed.
 */
import { type Stage, stackName } from '#functions/tables/names.ts';
import { assertSomebody, placeLine } from './deploy.ts';
import type { AccountOptions } from './options.ts';
import type { Person } from './person.ts';
import type { Place } from './reach.ts';
import type { StageStack } from './stacks.ts';

export interface DestroyWork {
  readonly person: Person;
  /** @throws EnvironmentMissing */
  readonly place: () => Promise<Place>;
  readonly stacks: (stage: Stage) => Promise<readonly StageStack[]>;
  /** The CDK's own command line, at the terminal. @returns its exit code. */
  readonly cdk: (args: readonly string[]) => Promise<number>;
  /** @returns how many copies were deleted. @throws VaultNotEmptyError */
  readonly emptyVault: (stage: Stage) => Promise<number>;
  /** @returns how many were deleted. */
  readonly dropLogGroups: (stage: Stage, apiId?: string) => Promise<number>;
  readonly left: (stage: Stage, apiId?: string) => Promise<readonly string[]>;
}

/** @returns the exit code. */
export async function destroyInAccount(
  options: AccountOptions,
  { person, place, stacks, cdk, emptyVault, dropLogGroups, left }: DestroyWork,
): Promise<number> {
  const { stage, dryRun, yes } = options;
  assertSomebody(person, options);
  person.tell(placeLine(await place()));
  const there = await stacks(stage);
  person.tell(whatGoes(stage, there));
  // Only the stack knows it, and the gateway's own logs are named by it.
  const apiId = there.map(({ outputs }) => outputs['ApiId']).find(Boolean);
  if (dryRun) return 0;
  if (there.length > 0) {
    if (!yes && !(await agreed(person, stage))) return 1;
    const hasVault = there.some(({ name }) => name === stackName(stage, 'recovery'));
    if (hasVault) person.tell(`Copies deleted from the vault: ${await emptyVault(stage)}.`);
    // The app makes the stack of backups only where it is told of them.
    const contexts = [...options.contexts, ...(hasVault ? ['--context', 'backups=true'] : [])];
    if ((await cdk(['destroy', '--all', ...contexts, '--force'])) !== 0)
      person.tell('Not everything could be deleted; what CloudFormation said of it stands above.');
  }
  const dropped = (await stacks(stage)).length === 0 ? await dropLogGroups(stage, apiId) : 0;
  if (dropped > 0) person.tell(`Log groups deleted that no stack had any more: ${dropped}.`);
  return tellLeft(person, stage, await left(stage, apiId));
}

function whatGoes(stage: Stage, there: readonly StageStack[]): string {
  if (there.length === 0) return `There is no stack of stage ${stage} here.`;
  return `
This goes, and with it all that stage ${stage} has stored (tables, queues, secrets, logs):
${there.map(({ name, resources, status }) => `  ${name}  ${resources} resources, ${status}`).join('\n')}`;
}

async function agreed(person: Person, stage: Stage): Promise<boolean> {
  const answer = await person.ask(`\nType the name of the stage to destroy it: `);
  if (answer?.trim() === stage) return true;
  person.tell('Nothing was changed.');
  return false;
}

/** What belongs to the account rather than to the stage, and stays on purpose. */
const stays = `These stay, and belong to the account: the role by which API Gateway writes logs (one for all
APIs), what cdk bootstrap made, and for 35 days, unbilled, DynamoDB's own last copy of each table.`;

function tellLeft(person: Person, stage: Stage, left: readonly string[]): number {
  if (left.length === 0) {
    person.tell(`\nNothing of stage ${stage} is left.\n${stays}`);
    return 0;
  }
  person.tell(`\nThis of stage ${stage} is left:\n${left.map((line) => `  ${line}`).join('\n')}`);
  return 1;
}
