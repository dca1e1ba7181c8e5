import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type DeployWork, deployToAccount } from '#local/account/deploy.ts';
import { deployed } from '#local/account/deployed.ts';
import type { StageStack } from '#local/account/stacks.ts';
import { EnvironmentMissing } from '#local/bootstrap/missing.mjs';
import { UsageError } from '#ops/usage-error.ts';
import { options, place, scripted } from './scripted.ts';

const apiUrl = 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1/';

/** Leaves what the CDK leaves: an assembly where it is told to, and the outputs. */
function cdkThat(codes: Readonly<Record<string, number>> = {}) {
  const after = (args: readonly string[], option: string) => args[args.indexOf(option) + 1] ?? '';
  return vi.fn(async (args: readonly string[]) => {
    const [verb = ''] = args;
    if (verb === 'diff') {
      const assembly = after(args, '--output');
      mkdirSync(assembly, { recursive: true });
      writeFileSync(join(assembly, 'manifest.json'), JSON.stringify({ artifacts: {} }));
    }
    if (verb === 'deploy')
      writeFileSync(
        after(args, '--outputs-file'),
        JSON.stringify({ 'holdfast-sandbox-service': { ApiUrl: apiUrl } }),
      );
    return codes[verb] ?? 0;
  });
}

function work(person: DeployWork['person'], more: Partial<DeployWork> = {}) {
  const usual = {
    person,
    place: vi.fn(async () => place),
    assertReady: vi.fn(async () => {}),
    stacks: vi.fn(async (): Promise<readonly StageStack[]> => []),
    cdk: cdkThat(),
    seed: vi.fn(async () => ({ written: 221, found: 0 })),
  };
  return { ...usual, ...more } as typeof usual;
}

const verbs = ({ cdk }: Pick<ReturnType<typeof work>, 'cdk'>) =>
  cdk.mock.calls.map(([[verb]]) => verb);

describe('a deploy to an account', () => {
  it('shows where it goes and what changes, asks once, and deploys what it has shown', async () => {
    const { person, asked, told } = scripted('y');
    const done = work(person);
    expect(await deployToAccount(options('deploy', '--waf-rate', '2000'), done)).toBe(0);

    expect(told()).toMatch(/^Account 111122223333, region eu-west-1, as arn:/);
    expect(asked).toEqual([
      '\nDeploy this as stage sandbox to account 111122223333, region eu-west-1? [y/N] ',
    ]);
    const [[diff = []] = [], [deploy = []] = []] = done.cdk.mock.calls;
    expect(diff.slice(0, -1).join(' ')).toBe(
      'diff --context stage=sandbox --context wafRate=2000 --output',
    );
    expect(deploy.slice(0, 4)).toEqual(['deploy', '--all', '--app', diff.at(-1)]);
    expect(deploy.join(' ')).toContain('--require-approval never');
    expect(done.seed).toHaveBeenCalledExactlyOnceWith('sandbox');
  });

  it('ends with what to do next, and what it costs', async () => {
    const { person, told } = scripted('yes');
    await deployToAccount(options('deploy'), work(person));
    expect(told()).toContain(
      '  API        https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1\n',
    );
    expect(told()).toMatch(/about \d+ USD a month while nobody calls/);
    expect(told()).toContain('npm run -s key -- --stage sandbox --tenant acme');
    expect(told()).toContain('npm run destroy -- --stage sandbox');
  });

  it.each([
    ['says how to have a budget where there is none', 'AWS::SQS::Queue', true],
    ['does not where there is one', 'AWS::Budgets::Budget', false],
  ])('%s', (_, Type, says) => {
    const templates = [{ stackName: 's', template: { Resources: { one: { Type } } } }];
    const text = deployed({ stage: 'sandbox', place, templates, outputs: {} });
    expect(text.includes('--budget-usd')).toBe(says);
  });

  it.each(['n', '', 'sandbox', undefined])('changes nothing at the answer %j', async (answer) => {
    const { person, told } = scripted(answer);
    const done = work(person);
    expect(await deployToAccount(options('deploy'), done)).toBe(1);
    expect(verbs(done)).toEqual(['diff']);
    expect(done.seed).not.toHaveBeenCalled();
    expect(told()).toContain('Nothing was changed.');
  });

  it('does not ask where that is said', async () => {
    const { person, asked } = scripted(undefined, { present: false });
    const done = work(person);
    expect(await deployToAccount(options('deploy', '--yes'), done)).toBe(0);
    expect(asked).toEqual([]);
    expect(verbs(done)).toEqual(['diff', 'deploy']);
  });

  const withBackups = async () => [
    {
      name: 'holdfast-sandbox-recovery',
      status: 'CREATE_COMPLETE',
      resources: 4,
      outputs: {},
    },
  ];

  it('says before it asks that backups stay which are no longer asked for, and are billed', async () => {
    const { person, told } = scripted('n');
    await deployToAccount(options('deploy'), work(person, { stacks: withBackups }));
    expect(told()).toMatch(
      /stack holdfast-sandbox-recovery stays, .* billed. It goes with npm run destroy\.\n/,
    );
    const shown = scripted();
    const dryRun = options('deploy', '--dry-run');
    await deployToAccount(dryRun, work(shown.person, { stacks: withBackups }));
    expect(shown.told()).toContain('holdfast-sandbox-recovery stays');
  });

  it('says nothing of backups that are asked for, or that there are none of', async () => {
    for (const [said, stacks] of [
      [['--backups'], withBackups],
      [[], async () => []],
    ] as const) {
      const { person, told } = scripted('y');
      await deployToAccount(options('deploy', ...said), work(person, { stacks }));
      expect(told()).not.toContain('recovery');
    }
  });

  it('refuses where nobody can be asked, before it calls anybody, and says how', async () => {
    const done = work(scripted('y', { present: false }).person);
    const refused = deployToAccount(options('deploy'), done);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/say --yes/);
    expect(done.place).not.toHaveBeenCalled();
  });

  it('only shows what would change, to nobody in particular', async () => {
    const { person, asked } = scripted(undefined, { present: false });
    const done = work(person);
    expect(await deployToAccount(options('deploy', '--dry-run', '--yes'), done)).toBe(0);
    expect(verbs(done)).toEqual(['diff']);
    expect(asked).toEqual([]);
  });

  it('goes no further in an account that is not ready', async () => {
    const assertReady = vi.fn(async () => {
      throw new EnvironmentMissing('not prepared');
    });
    const done = work(scripted('y').person, { assertReady });
    await expect(deployToAccount(options('deploy'), done)).rejects.toThrow('not prepared');
    expect(done.cdk).not.toHaveBeenCalled();
  });

  it.each([
    ['diff', ['diff']],
    ['deploy', ['diff', 'deploy']],
  ])('ends with 1 when cdk %s fails, and goes no further', async (verb, called) => {
    const { person, told } = scripted('y');
    const done = work(person, { cdk: cdkThat({ [verb]: 1 }) });
    expect(await deployToAccount(options('deploy'), done)).toBe(1);
    expect(done.cdk.mock.calls.map(([[name]]) => name)).toEqual(called);
    expect(done.seed).not.toHaveBeenCalled();
    expect(told()).not.toContain('is deployed');
  });

  it('says so when all of it goes elsewhere than to AWS', async () => {
    const { person, told } = scripted('n');
    const elsewhere = { ...place, endpoint: 'http://127.0.0.1:4566' };
    await deployToAccount(options('deploy'), work(person, { place: async () => elsewhere }));
    expect(told()).toContain('AWS_ENDPOINT_URL is set: this goes to http://127.0.0.1:4566');
  });
});
