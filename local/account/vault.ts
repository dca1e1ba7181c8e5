/** Empties the vault of a stage's backups: a vault with copies in it cannot go, nor can its stack. */
import { setTimeout as wait } from 'node:timers/promises';
import {
  type BackupClient,
  DeleteRecoveryPointCommand,
  InvalidRequestException,
  InvalidResourceStateException,
  paginateListRecoveryPointsByBackupVault,
  ResourceNotFoundException,
} from '@aws-sdk/client-backup';

export interface VaultOptions {
  readonly client: BackupClient;
  readonly vault: string;
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/** Some copies are still there after the time that was given. */
export class VaultNotEmptyError extends Error {
  override name = 'VaultNotEmptyError';
}

/** @returns how many copies there were. @throws VaultNotEmptyError */
export async function emptyVault({
  client,
  vault,
  withinMs = 300_000,
  everyMs = 2_000,
}: VaultOptions): Promise<number> {
  const copies = await copiesIn(vault, client);
  let refused = await deleteCopies(copies, { vault, client });
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    const left = copies.length === 0 ? [] : await copiesIn(vault, client);
    if (left.length === 0) return copies.length;
    if (waitedMs >= withinMs)
      throw new VaultNotEmptyError(
        `vault ${vault} still holds ${left.length} copies: a backup may be running. Run the same command again in a while.`,
      );
    await wait(everyMs);
    refused = await deleteCopies(refused, { vault, client });
  }
}

/** @returns those that AWS Backup does not delete yet, as it is still at work on them. */
async function deleteCopies(
  copies: readonly string[],
  { vault, client }: Pick<VaultOptions, 'vault' | 'client'>,
): Promise<readonly string[]> {
  const refused: string[] = [];
  for (const copy of copies)
    try {
      await client.send(
        new DeleteRecoveryPointCommand({ BackupVaultName: vault, RecoveryPointArn: copy }),
      );
    } catch (error) {
      if (isAtWork(error)) refused.push(copy);
      // It has lapsed meanwhile.
      else if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  return refused;
}

const isAtWork = (error: unknown): boolean =>
  error instanceof InvalidResourceStateException || error instanceof InvalidRequestException;

async function copiesIn(vault: string, client: BackupClient): Promise<readonly string[]> {
  const copies: string[] = [];
  try {
    for await (const { RecoveryPoints = [] } of paginateListRecoveryPointsByBackupVault(
      { client },
      { BackupVaultName: vault },
    ))
      copies.push(...RecoveryPoints.flatMap(({ RecoveryPointArn: arn }) => (arn ? [arn] : [])));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  return copies;
}
