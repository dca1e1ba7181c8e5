/** `npm start`, from its first line to its last, as a person meets it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { stages } from '#infra/config.ts';
import { apiStage } from '#infra/gateway.ts';
import { defaultEngine, engineNames } from '#local/engines/names.ts';
import type { LocalState } from '#local/state-file.ts';
import type {} from '../support/engine-under-test.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

const checkout = join(import.meta.dirname, '../..');

/** A start of its own. What it says, and how it ends. */
function start(...args: readonly string[]) {
  const child = spawn(process.execPath, ['local/commands/start.ts', ...args], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      said += text;
      for (const look of waiting) look();
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    said: () => said,
    ended,
    interrupt: () => child.kill('SIGINT'),
    /** Resolves with what was found, or rejects when it ends without having said so. */
    says: (pattern: RegExp) =>
      new Promise<RegExpExecArray>((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(said);
          if (found) resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then((code) => reject(new Error(`it ended with ${code} and said:\n${said}`)));
      }),
  };
}

const isListening = async (endpoint: string): Promise<boolean> => {
  try {
    await fetch(endpoint);
    return true;
  } catch {
    return false;
  }
};

const onEngine = ['--engine', inject('engine') ?? defaultEngine];

/** Of a whole start and its end on the slowest engine. */
const timeout = 240_000;

describe('npm start', { timeout }, () => {
  it('shows an order go all the way, serves, and ends in good order at Ctrl-C', async () => {
    const { said, says, interrupt, ended } = start(...onEngine, '--quiet');
    await says(/Ctrl-C ends it/);
    for (const hop of ['accepted', 'relayed to order:process', 'processed', 'mailed'])
      expect(said()).toMatch(new RegExp(`\\+\\d+ ms +${hop} `));

    const [, file = ''] = await says(/State +(\S+)/);
    const [, token = ''] = await says(/(eyJ[\w-]+\.[\w-]+\.[\w-]+)/);
    const { apiUrl, endpoint, apiKeys } = JSON.parse(readFileSync(file, 'utf8')) as LocalState;
    expect(apiUrl).toBe(`${endpoint}/_aws/execute-api/${stages.local.apiId}/${apiStage}`);
    const answer = await fetch(`${apiUrl}/orders?limit=2`, {
      headers: { authorization: `Bearer ${token}`, 'x-api-key': apiKeys['acme'] ?? '' },
    });
    expect(answer.status).toBe(200);
    const lines = said().match(/^ {2}curl .+$/gm) ?? [];
    expect(lines).toHaveLength(3);
    if (hasCurl)
      for (const line of lines)
        expect(JSON.parse(execFileSync('sh', ['-c', line], { encoding: 'utf8' }))).toHaveProperty(
          line.includes('limit=') ? 'orders' : 'id',
        );

    interrupt();
    expect(await ended).toBe(0);
    expect(said()).toContain('messages in the queues: 0');
    expect(existsSync(file)).toBe(false);
    expect(await isListening(endpoint)).toBe(false);
  });

  it('stops everything at a Ctrl-C in the middle of its start', async () => {
    const { said, says, interrupt, ended } = start(...onEngine);
    const [, endpoint = ''] = await says(/(http:\/\/127\.0\.0\.1:\d+)/);
    interrupt();
    expect(await ended).toBe(130);
    expect(said()).toContain('everything is stopped');
    expect(await isListening(endpoint)).toBe(false);
  });

  it('refuses an engine that it does not know', async () => {
    const { ended, said } = start('--engine', 'steam');
    expect(await ended).toBe(2);
    expect(said()).toContain(`--engine must be ${engineNames.join(', ')}, got 'steam'`);
  });
});
