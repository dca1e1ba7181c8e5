/** `npm start`, from its first line to its last, as a person meets it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, inject, it } from 'vitest';
import { stages } from '#infra/config.ts';
import { apiStage } from '#infra/gateway.ts';
import { defaultEngine, engineNames } from '#local/engines/names.ts';
import type { LocalState } from '#local/state-file.ts';
import type {} from '../support/engine-under-test.ts';
import { runScript } from '../support/run-script.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** A start of its own. */
const start = (...args: readonly string[]) => runScript(['local/commands/start.ts', ...args]);

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
    const { said, says, kill, ended } = start(...onEngine, '--quiet');
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

    kill('SIGINT');
    expect(await ended).toBe(0);
    expect(said()).toContain('messages in the queues: 0');
    expect(existsSync(file)).toBe(false);
    expect(await isListening(endpoint)).toBe(false);
  });

  it('stops everything at a Ctrl-C in the middle of its start', async () => {
    const { said, says, kill, ended } = start(...onEngine);
    const [, endpoint = ''] = await says(/(http:\/\/127\.0\.0\.1:\d+)/);
    kill('SIGINT');
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
