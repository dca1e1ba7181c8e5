import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '#local/bootstrap/paths.mjs';
import { markOf } from '#local/bootstrap/processes.mjs';
import { endWithTest, eventually } from './scratch.ts';

const fixtures = 'test/unit/local/fixtures';

const launcherWith = (words: string[]) => [
  join(checkout, fixtures, 'launcher.mjs'),
  checkout,
  `${fixtures}/command.ts`,
  ...words,
];

/** What a launcher without a terminal does; its command prints its process id first of all. */
const launch = (...words: string[]) => watch(launcherWith(words));

/** The same in a shell, in a program that hands on no signal, as npm runs a script. */
const launchByNpm = (...words: string[]) =>
  watch([
    '-e',
    `require('node:child_process').spawn('sh', ['-c', '"$0" "$@"; exit', ...process.argv], { stdio: 'inherit' })`,
    ...launcherWith(words),
  ]);

function watch(args: string[]) {
  const launcher = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, npm_lifecycle_event: 'start' },
  });
  endWithTest(launcher.pid ?? 0);
  let printed = '';
  launcher.stdout.on('data', (text) => {
    printed += text;
  });
  const ended = once(launcher, 'exit').then(([code]) => code as number | null);
  const commandPid = async () => {
    await eventually('the command is up', () => printed.includes('\n'));
    return Number.parseInt(printed, 10);
  };
  // A process may be gone before the last of its output is read.
  const closed = once(launcher.stdout, 'close');
  const allPrinted = () => closed.then(() => printed);
  return { launcher, ended, commandPid, allPrinted };
}

describe('the launcher of a command', { timeout: 30_000 }, () => {
  it('ends with its exit code, and adds nothing to its output', async () => {
    const { ended, allPrinted } = launch('exit', '7');
    expect(await ended).toBe(7);
    expect(await allPrinted()).toMatch(/^\d+\n$/);
  });

  it('ends with 128 and the signal that ended it', async () => {
    expect(await launch('signal', 'SIGTERM').ended).toBe(143);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('hands %s on, and waits', async (signal) => {
    const { launcher, ended, commandPid, allPrinted } = launch(signal);
    await commandPid();
    launcher.kill(signal);
    expect(await ended).toBe(0);
    expect(await allPrinted()).toContain('drained');
  });

  it('cannot be killed without the command being asked to end', async () => {
    const { launcher, commandPid, allPrinted } = launch('SIGTERM');
    const pid = await commandPid();
    launcher.kill('SIGKILL');
    await eventually('the command has ended', () => markOf(pid) === undefined);
    expect(await allPrinted()).toContain('drained');
  });

  it('asks the command to end when npm is gone', async () => {
    const { launcher, commandPid, allPrinted } = launchByNpm('SIGTERM');
    const pid = await commandPid();
    launcher.kill('SIGKILL');
    await eventually('the command has ended', () => markOf(pid) === undefined);
    expect(await allPrinted()).toContain('drained');
  });
});
