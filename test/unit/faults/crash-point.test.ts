import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { crashHere } from '#shared/faults/crash-point.ts';
import { type CrashPoint, crashSwitch, readCrashSwitch } from '#shared/faults/fault-items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

class Died extends Error {}

function reactor() {
  const store = memoryStore();
  const deaths: Readonly<Record<string, string>>[] = [];
  const { set, clear, at } = crashSwitch('state', 'things:do');
  const crash = crashHere({
    store,
    table: 'state',
    subject: 'things:do',
    die(lastWords) {
      deaths.push(lastWords);
      throw new Died();
    },
  });
  return {
    deaths,
    set: (point: CrashPoint, times: number) => store.write(set({ point, times })),
    clear: () => store.write(clear()),
    left: async () => readCrashSwitch(await store.read(at)),
    /** Whether it survived. */
    pass: (point: CrashPoint) =>
      crash(point, 'trace-1').then(
        () => true,
        () => false,
      ),
  };
}

describe('a crash point', () => {
  it('lets everything pass while there is no switch', async () => {
    const { pass } = reactor();
    expect([await pass('before-effect'), await pass('after-effect')]).toEqual([true, true]);
  });

  it('kills exactly as often as the switch says, at its point only', async () => {
    const { set, pass, deaths, left } = reactor();
    await set('after-effect', 2);
    const survived = [];
    for (let call = 0; call < 3; call++)
      survived.push(await pass('before-effect'), await pass('after-effect'));
    expect(survived).toEqual([true, false, true, false, true, true]);
    expect(deaths).toEqual(
      Array(2).fill({ function: 'things:do', point: 'after-effect', trace_id: 'trace-1' }),
    );
    expect(await left()).toBeUndefined();
  });

  it('kills no more than that when many ask at once', async () => {
    const { set, pass, deaths } = reactor();
    await set('before-effect', 3);
    const survived = await Promise.all(Array.from({ length: 20 }, () => pass('before-effect')));
    expect(survived.filter((alive) => !alive)).toHaveLength(3);
    expect(deaths).toHaveLength(3);
  });

  it('lets everything pass again once it is cleared', async () => {
    const { set, clear, pass } = reactor();
    await set('before-effect', 100);
    await clear();
    expect(await pass('before-effect')).toBe(true);
  });

  it('ends the process for real, with its last words on stderr and nothing after them', () => {
    const fixture = fileURLToPath(new URL('./fixtures/crash.ts', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [fixture], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toMatchObject({
      message: 'crashing on purpose',
      function: 'things:do',
      point: 'after-effect',
      trace_id: 'trace-1',
    });
  });
});
