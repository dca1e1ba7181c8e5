/**
 * What can go wrong with the tools themselves, one after the other in one folder: each ends with a
 * message that says what happened, and the start that follows it is as good as the first.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { membersOf } from '#local/bootstrap/processes.mjs';
import { engineOf, isListening, placeOrders } from './support/load.ts';
import { childOf, smallDisk } from './support/machine.ts';
import { ownFolder, run, served, stateFileIn } from './support/npm-start.ts';

const { folder, remove } = ownFolder();
afterAll(remove);

async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 30_000) {
  const deadlineMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(50);
  }
}

const runsIn = (place: string) => readdirSync(join(place, 'run'));

describe('npm start', { timeout: 120_000 }, () => {
  it('whose engine is killed under load says so, with the end of its log, and leaves nothing', async () => {
    const { state, ended, said } = await served(folder);
    const [token = ''] = /eyJ[\w.-]+/.exec(said()) ?? [];
    const load = placeOrders(state, token, 8);
    await load.answered(16);

    process.kill(engineOf(state), 'SIGKILL');

    expect(await ended).toBe(1);
    expect(said()).toMatch(/the engine has ended; its log \(\S+\) ends:/);
    await load.stop();
    expect(membersOf(engineOf(state))).toEqual([]);
    expect(stateFileIn(folder)).toBe(false);
    expect(runsIn(folder)).toEqual([]);
  });

  it('whose deployment breaks off half way says so, and leaves nothing', async () => {
    const start = run(['local/commands/start.ts', '--quiet'], folder);
    const [, endpoint = ''] = await start.says(/(http:\/\/127\.0\.0\.1:\d+)/);
    let deploying: number | undefined;
    await until('the deployment is on its way', () => {
      deploying = childOf(start.pid, 'deploy --all');
      return deploying !== undefined;
    });

    process.kill(deploying ?? 0, 'SIGKILL');

    expect(await start.ended).toBe(1);
    expect(start.said()).toContain('cdk deploy was ended by SIGKILL');
    expect(await isListening(endpoint)).toBe(false);
    expect(runsIn(folder)).toEqual([]);
  });

  it('that is killed takes everything along, and the commands say what has become of it', async () => {
    const { state, kill } = await served(folder);

    kill('SIGKILL');

    await until('its engine has ended', () => membersOf(engineOf(state)).length === 0);
    await until('its files are gone', () => runsIn(folder).length === 0);
    const token = run(
      ['ops/token.ts', '--tenant', 'acme', '--user', 'u1', '--role', 'user'],
      folder,
    );
    expect(await token.ended).toBe(3);
    expect(token.said()).toMatch(
      /has ended without saying so: .+ is gone; start one with: npm start/,
    );
    expect(stateFileIn(folder)).toBe(true);
  });

  it('twice at once are two stacks, each with its own ports and file, over what a killed one left', async () => {
    const [one, other] = await Promise.all([served(folder), served(folder)]);
    expect(one.state.endpoint).not.toBe(other.state.endpoint);
    expect(readdirSync(folder).filter((name) => /^(local|\d+)\.json$/.test(name))).toHaveLength(2);
    for (const { state } of [one, other])
      expect((await fetch(`${state.apiUrl}/health`)).status).toBe(200);

    one.kill('SIGINT');
    expect(await one.ended).toBe(0);
    expect((await fetch(`${other.state.apiUrl}/health`)).status).toBe(200);
    other.kill('SIGINT');
    expect(await other.ended).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  it('over what is stale, broken or foreign in its folder is a clean start', async () => {
    writeFileSync(join(folder, 'local.json'), '{ "stage": "local", "apiUrl": ');
    mkdirSync(join(folder, 'run', '4566', 'tmp'), { recursive: true });
    writeFileSync(join(folder, 'run', '4566', 'owner.json'), '{"pid":1,"startedAt":"never"}');
    const token = run(
      ['ops/token.ts', '--tenant', 'acme', '--user', 'u1', '--role', 'user'],
      folder,
    );
    expect(await token.ended).toBe(3);
    expect(token.said()).toContain('does not describe a local stack; remove it and');

    const { state, kill, ended } = await served(folder);
    expect((await fetch(`${state.apiUrl}/health`)).status).toBe(200);
    expect(runsIn(folder)).toEqual([new URL(state.endpoint).port]);
    kill('SIGINT');
    expect(await ended).toBe(0);
  });
});

describe('a disk', { timeout: 120_000 }, () => {
  it('without room is told of before anything is begun', async (context) => {
    const disk = smallDisk(20);
    if (!disk) return context.skip('this system lets nobody mount a small disk (unshare -rm)');
    const start = run(['local/run.mjs', 'start'], disk.folder, { within: disk.within });
    expect(await start.ended).toBe(3);
    expect(start.said()).toMatch(
      /too little room for this: \d+ MB are free where .+ is, and about \d+ MB are needed\.\nFree some/,
    );
    expect(start.said()).not.toContain('Engine');
  });

  it('that fills up in the middle is told of, and the engine is gone', async (context) => {
    const disk = smallDisk(400);
    if (!disk) return context.skip('this system lets nobody mount a small disk (unshare -rm)');
    const start = run(['local/run.mjs', 'start', '--quiet'], disk.folder, { within: disk.within });
    const [, endpoint = ''] = await start.says(/(http:\/\/127\.0\.0\.1:\d+)/);
    await disk.fill(start.pid);
    const code = await start.ended;
    expect(start.said()).toMatch(/the disk is full: [\s\S]+Free some/);
    expect(code).toBe(3);
    expect(await isListening(endpoint)).toBe(false);
  });
});
