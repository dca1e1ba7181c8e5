import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withLock } from '#local/bootstrap/lock.mjs';
import { thisProcess } from '#local/bootstrap/processes.mjs';
import { scratchFolder } from './scratch.ts';

const dead = { pid: process.pid, startedAt: 'another time' };

function heldBy(...holders: object[]) {
  const parent = scratchFolder();
  const lock = join(parent, 'install.lock');
  mkdirSync(lock);
  writeFileSync(join(lock, 'holders.json'), JSON.stringify(holders));
  return { parent, lock };
}

describe('a lock between processes', { timeout: 30_000 }, () => {
  it('lets one work at a time, and is gone afterwards', async () => {
    const parent = scratchFolder();
    let working = 0;
    let most = 0;
    const work = () =>
      withLock(join(parent, 'install.lock'), async () => {
        most = Math.max(most, ++working);
        await sleep(1);
        working--;
      });
    await Promise.all([work(), work(), work()]);
    expect(most).toBe(1);
    expect(readdirSync(parent)).toEqual([]);
  });

  it('is free when its holders are dead', async () => {
    const { lock, parent } = heldBy(dead);
    expect(await withLock(lock, async () => 'mine')).toBe('mine');
    expect(readdirSync(parent)).toEqual([]);
  });

  it('is held while a child of a dead holder still works, and says by whom', async () => {
    const { lock } = heldBy(dead, thisProcess());
    const waited = new Promise((resolve) => {
      void withLock(lock, async () => {}, resolve);
    });
    expect(await waited).toBe(process.pid);
    writeFileSync(join(lock, 'holders.json'), JSON.stringify([dead]));
  });

  it('is free when its holder died before it could give its name', async () => {
    const parent = scratchFolder();
    const lock = join(parent, 'install.lock');
    mkdirSync(lock);
    const longAgoMs = Date.now() - 60_000;
    utimesSync(lock, longAgoMs / 1000, longAgoMs / 1000);
    expect(await withLock(lock, async () => 'mine')).toBe('mine');
  });

  it('is given back when the work fails', async () => {
    const parent = scratchFolder();
    const failing = withLock(join(parent, 'install.lock'), async () => {
      throw new Error('no network');
    });
    await expect(failing).rejects.toThrow('no network');
    expect(readdirSync(parent)).toEqual([]);
  });
});
