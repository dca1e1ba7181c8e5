import { describe, expect, it } from 'vitest';
import { readDuration, readLogsOptions } from '#ops/logs-options.ts';
import { UsageError } from '#ops/usage-error.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('what npm run logs is asked', () => {
  // biome-ignore format: a table, one command line a row
  it.each([
    [[],                               { of: { everything: true, follow: false }, backMs: 600_000 }],
    [['--follow', '--json'],           { of: { everything: true, follow: true }, backMs: 0, json: true }],
    [['--follow', '--since', '5m'],    { backMs: 300_000 }],
    [['--trace', trace],               { of: { trace }, backMs: 86_400_000 }],
    [['--request', 'r-1'],             { of: { request: 'r-1' }, backMs: 86_400_000 }],
    [['--trace', trace, '--since', '2h'], { of: { trace }, backMs: 7_200_000 }],
    [['--stage', 'sandbox'],           { stage: 'sandbox' }],
    [['--port', '4567'],               { port: 4567, stage: 'local' }],
  ])('is read from %j', (args, options) => {
    expect(readLogsOptions(args)).toMatchObject(options);
  });

  it.each([
    ['an unknown option', ['--all']],
    ['a word', ['everything']],
    ['a trace that is none', ['--trace', '4bf9']],
    ['a request that is none', ['--request', 'a b']],
    ['both a trace and a request', ['--trace', trace, '--request', 'r-1']],
    ['a trace to follow', ['--trace', trace, '--follow']],
    ['an unknown stage', ['--stage', 'production']],
    ['a port that is none', ['--port', 'http']],
    ['a time without a unit', ['--since', '10']],
  ])('is refused with %s', (_, args) => {
    expect(() => readLogsOptions(args)).toThrow(UsageError);
  });

  it('has times in seconds, minutes, hours and days', () => {
    expect(['30s', '10m', '2h', '1d'].map(readDuration)).toEqual([
      30_000, 600_000, 7_200_000, 86_400_000,
    ]);
  });
});
