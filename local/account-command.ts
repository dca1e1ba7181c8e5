/**
 * `npm run deploy` and `npm run destroy`: the CDK's own command line for a stage in somebody's AWS
 * account, with their own credentials, and how each of its ends is said.
 */
import { BackupClient } from '@aws-sdk/client-backup';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import { type TableName, tables } from '#functions/tables/tables.ts';
import { stageStore } from '#ops/stage-clients.ts';
import { UsageError } from '#ops/usage-error.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { deployToAccount } from './account/deploy.ts';
import { destroyInAccount } from './account/destroy.ts';
import { dropLogGroups, leftOf } from './account/left.ts';
import { type AccountCommand, accountUsage, readAccountOptions } from './account/options.ts';
import { personAt } from './account/person.ts';
import { assertBootstrapped, assertConcurrency, placeOfCaller } from './account/reach.ts';
import { stacksOf } from './account/stacks.ts';
import { emptyVault, VaultNotEmptyError } from './account/vault.ts';
import { EnvironmentMissing } from './bootstrap/missing.mjs';
import { cdkAtTerminal } from './cdk.ts';
import { seed } from './seed.ts';

/**
 * @returns the exit code: 0 done, 1 failed, declined or not all gone, 2 used wrongly, 3 no account in
 * reach.
 */
export async function accountCommand(
  command: AccountCommand,
  args: readonly string[],
): Promise<number> {
  try {
    const options = readAccountOptions(command, args);
    if (options === 'help') {
      console.log(accountUsage(command));
      return 0;
    }
    return command === 'deploy'
      ? await deployToAccount(options, deployWork())
      : await destroyInAccount(options, destroyWork());
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n${accountUsage(command)}`);
      return 2;
    }
    if (error instanceof EnvironmentMissing) {
      console.error(error.message);
      return error.exitCode;
    }
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    console.error(refusal);
    return 1;
  }
}

/** One line for what AWS does not do for this caller, or not yet; undefined for any other fault. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof VaultNotEmptyError) return error.message;
  if (!(error instanceof Error) || !/^(AccessDenied|Unauthorized|Forbidden)/.test(error.name))
    return undefined;
  return `${error.name}: ${error.message}`;
}

const shared = () => ({
  person: personAt(),
  place: placeOfCaller,
  stacks: (stage: Stage) => stacksOf(stage, new CloudFormationClient(clientOptions(patience))),
  cdk: (args: readonly string[]) => cdkAtTerminal(args, process.env),
});

const deployWork = (): Parameters<typeof deployToAccount>[1] => ({
  ...shared(),
  assertReady: async (place, { stage, config }) => {
    await assertBootstrapped(place, stage);
    if (config.reservedConcurrency) await assertConcurrency();
  },
  seed: (stage) => seed(stageStore(stage, Object.keys(tables) as TableName[])),
});

const destroyWork = (): Parameters<typeof destroyInAccount>[1] => ({
  ...shared(),
  emptyVault: (stage) =>
    emptyVault({
      client: new BackupClient(clientOptions(patience)),
      vault: resourceName(stage, 'backups'),
    }),
  dropLogGroups,
  left: leftOf,
});
