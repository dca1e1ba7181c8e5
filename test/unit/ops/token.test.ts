import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runningStack, StackMissingError } from '#ops/stack.ts';
import { token, usage } from '#ops/token.ts';

const stack = {
  stage: 'local',
  apiUrl: 'http://127.0.0.1:4566/_aws/execute-api/holdfast/v1',
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  engine: 'ministack',
  apiKeys: { acme: 'key' },
  tenants: ['acme'],
  pids: [],
};

function folderWith(text?: string, name = 'local') {
  const folder = mkdtempSync(join(tmpdir(), 'stack-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(folder, { recursive: true });
  if (text !== undefined) writeFileSync(join(folder, `${name}.json`), text);
  return folder;
}

async function run(args: readonly string[], folder = folderWith()) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await token(
    args,
    { out: (text) => void out.push(text), err: (text) => void err.push(text) },
    { folder },
  );
  return { code, out: out.join(''), err: err.join('') };
}

const right = ['--tenant', 'acme', '--user', 'u1', '--role', 'user'];

describe('npm run token', () => {
  // biome-ignore format: a table, one misuse a row
  it.each([
    ['nothing',                       [],                                                    '--tenant, --user and --role'],
    ['no tenant',                     right.slice(2),                                        '--tenant, --user and --role'],
    ['an unknown option',             [...right, '--days', '1'],                             '--days'],
    ['an option without its value',   ['--tenant'],                                          '--tenant'],
    ['a word too many',               [...right, 'acme'],                                    'acme'],
    ['an unknown role',               [...right, '--role', 'root'],                          '--role must'],
    ['a tenant that cannot be',       [...right, '--tenant', 'ACME'],                        '--tenant must'],
    ['a reserved tenant',             [...right, '--tenant', 'system'],                      '--tenant must'],
    ['a user that cannot be',         [...right, '--user', 'a\nb'],                          '--user must'],
    ['no time at all',                [...right, '--expires-in', '0'],                       '--expires-in must'],
    ['a time that is no number',      [...right, '--expires-in', '1h'],                      '--expires-in must'],
    ['more than a day',               [...right, '--expires-in', '86401'],                   '--expires-in must'],
    ['an unknown stage',              [...right, '--stage', 'production'],                   '--stage must'],
    ['a port that is none',           [...right, '--port', '../x'],                          '--port must'],
  ])('used with %s says how to use it, and exits with 2', async (_, args, message) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err.endsWith(usage)).toBe(true);
  });

  it('explains itself when asked', async () => {
    expect(await run(['--help'])).toEqual({ code: 0, out: usage, err: '' });
  });

  it.each([
    ['there is none', undefined],
    ['its file is not JSON', '{'],
    ['its file is of another form', '{}'],
    [
      'its endpoint is AWS',
      JSON.stringify({ ...stack, endpoint: 'https://sqs.us-east-1.amazonaws.com' }),
    ],
    [
      'its endpoint only looks local',
      JSON.stringify({ ...stack, endpoint: 'http://127.0.0.1@example.com' }),
    ],
  ])('without a running stack (%s) says what to do, and exits with 3', async (_, text) => {
    const { code, out, err } = await run(right, folderWith(text));
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain('npm start');
  });
});

describe('a described stack that does not answer', () => {
  it('is said to have ended, with the remedy, and the exit code is 3', async () => {
    const before = { ...process.env };
    onTestFinished(() => {
      process.env = before;
    });
    const nobody = JSON.stringify({ ...stack, endpoint: 'http://127.0.0.1:9' });
    const { code, out, err } = await run(right, folderWith(nobody));
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain('has it ended? Start one with: npm start');
  });
});

describe('the running stack', () => {
  it('is not there when one of its processes is gone, and that one is named', () => {
    const gone = { name: 'ministack', pid: 2 ** 22 + 1, startedAt: '0' };
    const folder = folderWith(JSON.stringify({ ...stack, pids: [gone] }));
    expect(() => runningStack({ folder })).toThrow(/ministack \(process 4194305\).*npm start/);
  });

  it('is read from its file, a second one from the file of its port', () => {
    expect(runningStack({ folder: folderWith(JSON.stringify(stack)) })).toEqual(stack);
    const folder = folderWith(JSON.stringify(stack), '4567');
    expect(runningStack({ folder, port: 4567 })).toEqual(stack);
    expect(() => runningStack({ folder })).toThrow(StackMissingError);
  });
});
