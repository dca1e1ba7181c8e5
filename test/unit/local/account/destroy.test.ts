import { describe, expect, it, vi } from 'vitest';
import { type DestroyWork, destroyInAccount } from '#local/account/destroy.ts';
import type { StageStack } from '#local/account/stacks.ts';
import { UsageError } from '#ops/usage-error.ts';
import { options, place, scripted } from './scripted.ts';

const stack = (name: string, outputs: StageStack['outputs'] = {}): StageStack => ({
  name: `holdfast-sandbox-${name}`,
  status: 'CREATE_COMPLETE',
  resources: 12,
  outputs,
});

/** An account that has these stacks until the CDK has destroyed them. */
function work(
  person: DestroyWork['person'],
  there: readonly StageStack[],
  more: Partial<DestroyWork> = {},
) {
  let now = there;
  const usual = {
    person,
    place: vi.fn(async () => place),
    stacks: vi.fn(async () => now),
    cdk: vi.fn(async (_: readonly string[]) => {
      now = [];
      return 0;
    }),
    emptyVault: vi.fn(async () => 7),
    dropLogGroups: vi.fn(async (_stage: string, _apiId?: string) => 0),
    left: vi.fn(async (_stage: string, _apiId?: string) => [] as readonly string[]),
  };
  return { ...usual, ...more } as typeof usual;
}

const all = [stack('state'), stack('service', { ApiId: 'a1b2c3' }), stack('observability')];

describe('taking a stage out of an account', () => {
  it('says what goes, goes ahead once the name is typed, and says that nothing is left', async () => {
    const { person, asked, told } = scripted('sandbox');
    const done = work(person, all);
    expect(await destroyInAccount(options('destroy'), done)).toBe(0);
    expect(told()).toContain('holdfast-sandbox-service  12 resources, CREATE_COMPLETE');
    expect(asked).toHaveLength(1);
    expect(done.cdk.mock.calls[0]?.[0].join(' ')).toBe(
      'destroy --all --context stage=sandbox --force',
    );
    expect(done.emptyVault).not.toHaveBeenCalled();
    expect(told()).toContain('Nothing of stage sandbox is left.');
  });

  it.each(['y', 'yes', 'Sandbox', '', undefined])('changes nothing at %j', async (answer) => {
    const { person, told } = scripted(answer);
    const done = work(person, all);
    expect(await destroyInAccount(options('destroy'), done)).toBe(1);
    expect(done.cdk).not.toHaveBeenCalled();
    expect(done.dropLogGroups).not.toHaveBeenCalled();
    expect(told()).toContain('Nothing was changed.');
  });

  it('empties the vault of backups first, and tells the app of it, where the stage has one', async () => {
    const done = work(scripted('sandbox').person, [...all, stack('recovery')]);
    await destroyInAccount(options('destroy'), done);
    expect(done.emptyVault).toHaveBeenCalledExactlyOnceWith('sandbox');
    expect(done.emptyVault.mock.invocationCallOrder[0]).toBeLessThan(
      done.cdk.mock.invocationCallOrder[0] ?? 0,
    );
    expect(done.cdk.mock.calls[0]?.[0].join(' ')).toContain('--context backups=true --force');
  });

  it('ends with 1 and the list of what is left', async () => {
    const { person, told } = scripted('sandbox');
    const left = async () => ['stack holdfast-sandbox-state (DELETE_FAILED)'];
    const cdk = vi.fn(async () => 1);
    const done = work(person, all, { cdk, left });
    expect(await destroyInAccount(options('destroy'), done)).toBe(1);
    expect(told()).toContain('left:\n  stack holdfast-sandbox-state (DELETE_FAILED)');
    expect(told()).not.toContain('Nothing of stage');
    // They may be of functions that are still there.
    expect(done.dropLogGroups).not.toHaveBeenCalled();
  });

  it('deletes log groups that no stack has any more', async () => {
    const { person, told } = scripted('sandbox');
    const done = work(person, all, { dropLogGroups: vi.fn(async () => 2) });
    await destroyInAccount(options('destroy'), done);
    expect(told()).toContain('no stack had any more: 2');
  });

  it('looks for the logs of the API that there was', async () => {
    const done = work(scripted('sandbox').person, all);
    await destroyInAccount(options('destroy'), done);
    expect(done.dropLogGroups).toHaveBeenCalledExactlyOnceWith('sandbox', 'a1b2c3');
    expect(done.left).toHaveBeenCalledExactlyOnceWith('sandbox', 'a1b2c3');
  });

  it('asks nobody where there is no stack, and still looks for what is left', async () => {
    const { person, asked, told } = scripted();
    const done = work(person, [], { left: async () => ['table holdfast-sandbox-domain'] });
    expect(await destroyInAccount(options('destroy'), done)).toBe(1);
    expect(asked).toEqual([]);
    expect(done.cdk).not.toHaveBeenCalled();
    expect(told()).toContain('table holdfast-sandbox-domain');
  });

  it('only shows what would go', async () => {
    const { person, asked } = scripted(undefined, { present: false });
    const done = work(person, all);
    expect(await destroyInAccount(options('destroy', '--dry-run'), done)).toBe(0);
    expect(asked).toEqual([]);
    expect(done.cdk).not.toHaveBeenCalled();
    expect(done.dropLogGroups).not.toHaveBeenCalled();
  });

  it('refuses where nobody can be asked, and goes ahead where it is told not to ask', async () => {
    const nobody = () => scripted(undefined, { present: false }).person;
    const done = work(nobody(), all);
    await expect(destroyInAccount(options('destroy'), done)).rejects.toThrow(UsageError);
    expect(done.place).not.toHaveBeenCalled();
    const told = work(nobody(), all);
    expect(await destroyInAccount(options('destroy', '--yes'), told)).toBe(0);
    expect(told.cdk).toHaveBeenCalledOnce();
  });
});
