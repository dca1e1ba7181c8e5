/** Every command on the newcomer's page is one that there is, and every message one that is said. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountUsage } from '#local/account/options.ts';
import { commands } from '#local/bootstrap/commands.mjs';
import { k6Usage } from '#local/tools/k6-target.ts';
import { usage as keyUsage } from '#ops/key.ts';
import { logsUsage } from '#ops/logs-options.ts';
import { commands as operatorCommands } from '#ops/ops.ts';
import { usage as tokenUsage } from '#ops/token.ts';
import { checkout } from './sources.ts';

const page = readFileSync(join(checkout, 'docs/sandbox.md'), 'utf8');

/** What each command says of itself. `npm test` hands its options to vitest. */
const usages: Readonly<Record<string, string>> = {
  deploy: `${accountUsage('deploy')} --help`,
  destroy: accountUsage('destroy'),
  token: tokenUsage,
  key: keyUsage,
  logs: logsUsage,
  ops: Object.values(operatorCommands)
    .map(({ usage }) => usage)
    .join(''),
  k6: k6Usage,
  test: '--project',
  start: '',
};

const named = [...page.matchAll(/npm (?:run (?:-s )?)?([a-z0-9]+)( -- [^\n`#)]*)?/g)].map(
  ([line, name = '', options = '']) => ({
    line: line.trim(),
    name,
    flags: options.match(/--[a-z][a-z-]+/g) ?? [],
  }),
);

describe('the page for newcomers', () => {
  it('names commands', () => {
    expect(new Set(named.map(({ name }) => name)).size).toBeGreaterThan(6);
  });

  it.each(named)('names a command and options that there are: $line', ({ name, flags }) => {
    expect(Object.keys(commands)).toContain(name);
    const usage = usages[name];
    expect(usage, `the usage of ${name}`).toBeDefined();
    expect(flags.filter((flag) => !usage?.includes(flag))).toEqual([]);
  });

  it('speaks of no option of deploy that there is not', () => {
    const known = `${accountUsage('deploy')}${accountUsage('destroy')} --help`;
    const alone = [...page.matchAll(/`(--[a-z][a-z-]+)`/g)].map(([, flag = '']) => flag);
    expect(alone.length).toBeGreaterThan(3);
    expect(alone.filter((flag) => !known.includes(flag))).toEqual([]);
  });

  const sources = ['local', 'local/account', 'ops', 'infra']
    .flatMap((folder) =>
      readdirSync(join(checkout, folder))
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(join(checkout, folder, file), 'utf8')),
    )
    .join('\n');
  const [, table = ''] = page.split('## When something is in the way');
  const messages = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message = '']) => message);

  it.each(messages)('quotes what is really said: %s', (message) => {
    expect(sources).toContain(message);
  });

  it('quotes some', () => {
    expect(messages.length).toBeGreaterThan(10);
  });
});
