import {
  BackupClient,
  DeleteRecoveryPointCommand,
  InvalidRequestException,
  InvalidResourceStateException,
  ListRecoveryPointsByBackupVaultCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-backup';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyVault, VaultNotEmptyError } from '#local/account/vault.ts';

const pages = (...names: readonly string[]) => ({
  RecoveryPoints: names.map((RecoveryPointArn) => ({ RecoveryPointArn })),
});

function vaultThat() {
  const backup = mockClient(BackupClient);
  onTestFinished(() => backup.restore());
  const options = { client: new BackupClient({ region: 'eu-west-1' }), vault: 'v', everyMs: 1 };
  return { backup, options, listed: backup.on(ListRecoveryPointsByBackupVaultCommand) };
}

describe('emptying a vault', () => {
  it('deletes each copy, and waits until none is left', async () => {
    const { backup, options, listed } = vaultThat();
    listed
      .resolvesOnce({ ...pages('a'), NextToken: 'more' })
      .resolvesOnce(pages('b'))
      .resolvesOnce(pages('b'))
      .resolves(pages());
    expect(await emptyVault(options)).toBe(2);
    const deleted = backup.commandCalls(DeleteRecoveryPointCommand);
    expect(deleted.map(({ args: [{ input }] }) => input.RecoveryPointArn)).toEqual(['a', 'b']);
    expect(backup.commandCalls(ListRecoveryPointsByBackupVaultCommand)).toHaveLength(4);
  });

  it('has nothing to do in an empty one, nor where there is none', async () => {
    const { options, listed } = vaultThat();
    listed.resolvesOnce(pages());
    expect(await emptyVault(options)).toBe(0);
    listed.rejects(new ResourceNotFoundException({ message: 'no', $metadata: {} }));
    expect(await emptyVault(options)).toBe(0);
  });

  it.each([InvalidResourceStateException, InvalidRequestException])(
    'asks again for a copy that is still being made: %o',
    async (Refused) => {
      const { backup, options, listed } = vaultThat();
      listed.resolvesOnce(pages('a', 'b')).resolvesOnce(pages('a')).resolves(pages());
      backup
        .on(DeleteRecoveryPointCommand, { RecoveryPointArn: 'a' })
        .rejectsOnce(new Refused({ message: 'at work on it', $metadata: {} }))
        .resolves({});
      expect(await emptyVault(options)).toBe(2);
      const deleted = backup.commandCalls(DeleteRecoveryPointCommand);
      expect(deleted.map(({ args: [{ input }] }) => input.RecoveryPointArn)).toEqual([
        'a',
        'b',
        'a',
      ]);
    },
  );

  it('says that a copy is left which is being made for longer than it waits', async () => {
    const { backup, options, listed } = vaultThat();
    listed.resolves(pages('a'));
    backup
      .on(DeleteRecoveryPointCommand)
      .rejects(new InvalidResourceStateException({ message: 'at work on it', $metadata: {} }));
    await expect(emptyVault({ ...options, withinMs: 3 })).rejects.toThrow(VaultNotEmptyError);
  });

  it('does not wait where it may not delete', async () => {
    const { backup, options, listed } = vaultThat();
    listed.resolves(pages('a'));
    backup
      .on(DeleteRecoveryPointCommand)
      .rejects(Object.assign(new Error('not you'), { name: 'AccessDeniedException' }));
    await expect(emptyVault(options)).rejects.toThrow('not you');
  });

  it('says how many are left when they do not go in time', async () => {
    const { options, listed } = vaultThat();
    listed.resolves(pages('a'));
    const refused = emptyVault({ ...options, withinMs: 3 });
    await expect(refused).rejects.toThrow(VaultNotEmptyError);
    await expect(refused).rejects.toThrow(/still holds 1 copies/);
  });
});
