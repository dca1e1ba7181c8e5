import { describe, expect, it } from 'vitest';
import { optionContexts } from '#infra/stage-options.ts';
import {
  accountUsage,
  commandFlags,
  readAccountOptions,
  stageFlags,
} from '#local/account/options.ts';
import { UsageError } from '#ops/usage-error.ts';

const read = (command: 'deploy' | 'destroy', args: string) =>
  readAccountOptions(command, args.split(' ').filter(Boolean));

describe('what deploy and destroy are told', () => {
  it('is a stage, and whether to ask or only to show', () => {
    expect(read('deploy', '--stage sandbox')).toMatchObject({
      stage: 'sandbox',
      yes: false,
      dryRun: false,
      contexts: ['--context', 'stage=sandbox'],
    });
    expect(read('destroy', '--stage sandbox --yes --dry-run')).toMatchObject({
      yes: true,
      dryRun: true,
    });
  });

  it('has a flag for every option of a stage, each a context of the CDK', () => {
    const flags =
      '--waf-rate 2000 --alarm-email a@b.example --budget-usd 30 --budget-email c@d.example --backups --reserve-concurrency';
    const options = read('deploy', `--stage sandbox ${flags}`);
    if (options === 'help') throw new Error('that was no call for help');
    expect(options.contexts.filter((word) => word !== '--context')).toEqual([
      'stage=sandbox',
      'wafRate=2000',
      'alarmEmail=a@b.example',
      'budgetUsd=30',
      'budgetEmail=c@d.example',
      'backups=true',
      'reservedConcurrency=true',
    ]);
    expect(options.config).toMatchObject({ wafRate: 2_000, backups: true });
    expect(Object.keys(stageFlags)).toHaveLength(Object.keys(optionContexts).length);
  });

  it('is said in the usage, flag by flag', () => {
    for (const flag of Object.keys({ ...commandFlags('deploy'), ...stageFlags }))
      expect(accountUsage('deploy')).toContain(`--${flag}`);
    expect(accountUsage('destroy')).not.toContain('--waf-rate');
    expect(read('deploy', '--help')).toBe('help');
  });

  // biome-ignore format: a table, one mistake a row
  it.each([
    ['deploy',  '',                                              '--stage is needed'],
    ['deploy',  '--stage local',                                 'npm start deploys it'],
    ['destroy', '--stage local',                                 'Ctrl-C'],
    ['deploy',  '--stage production',                            '--stage must be sandbox'],
    ['deploy',  '--stage toString',                              '--stage must be sandbox'],
    ['deploy',  '--stage sandbox --force',                       'no option --force'],
    ['destroy', '--stage sandbox --alarm-email a@b.example',     'no option --alarm-email'],
    ['deploy',  'sandbox',                                       "'sandbox'"],
    ['deploy',  '--stage sandbox --waf-rate 5',                  '--waf-rate must be a whole number'],
    ['deploy',  '--stage sandbox --alarm-page nobody',           '--alarm-page must be'],
    ['deploy',  '--stage sandbox --domain-name api.example.org', '--domain-certificate must be'],
    ['deploy',  '--stage sandbox --budget-usd 30',               '--budget-email must be'],
    ['deploy',  '--stage sandbox --budget-email a@b.example',    '--budget-email is'],
  ] as const)('%s %s is refused', (command, args, reason) => {
    expect(() => read(command, args)).toThrow(UsageError);
    expect(() => read(command, args)).toThrow(reason);
  });
});
