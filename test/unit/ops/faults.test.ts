import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFaultsOptions, switchFaults } from '#ops/faults.ts';
import { ops } from '#ops/ops.ts';
import { crashSwitch, readCrashSwitch } from '#shared/faults/fault-items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const set = (text: string) => readFaultsOptions(text.split(' ').filter(Boolean));

async function run(text: string, folder = '/nowhere') {
  const said: string[] = [];
  const code = await ops(
    text.split(' ').filter(Boolean),
    { out: (line) => said.push(line), err: (line) => said.push(line) },
    { folder },
  );
  return { code, said: said.join('') };
}

describe('ops faults', () => {
  it('sets how often and where a worker crashes', async () => {
    const store = memoryStore();
    const said = await switchFaults(set('crash order:process --times 3'), store);
    expect(said.map(({ text }) => text)).toEqual([
      'order:process will crash after-effect, 3 time(s)',
    ]);
    const { at } = crashSwitch('state', 'order:process');
    expect(readCrashSwitch(await store.read(at))).toEqual({ point: 'after-effect', times: 3 });
  });

  it('knows the point after a burial, and names every point where it is asked for another', async () => {
    const store = memoryStore();
    const [said] = await switchFaults(set('crash audit:record --point after-burial'), store);
    expect(said?.text).toBe('audit:record will crash after-burial, 1 time(s)');
    expect((await run('faults --help')).said).toContain(
      'before-effect, after-effect, after-burial',
    );
  });

  it('shows the switches of all queues, and clears one or all', async () => {
    const store = memoryStore();
    const texts = async (order: string) =>
      (await switchFaults(set(order), store)).map(({ text }) => text);
    await switchFaults(set('crash order:process --point before-effect'), store);
    await switchFaults(set('crash email:send'), store);
    expect(await texts('show')).toEqual([
      'order:process will crash before-effect, 1 time(s)',
      'email:send will crash after-effect, 1 time(s)',
      'audit:record has no switch',
      'violation:record has no switch',
      'dlq:replay has no switch',
      'relay:deliver has no switch',
    ]);
    await texts('clear order:process');
    expect(await texts('show')).toContain('order:process has no switch');
    expect(await texts('show')).toContain('email:send will crash after-effect, 1 time(s)');
    await texts('clear');
    expect(await texts('show')).toEqual([
      'order:process has no switch',
      'email:send has no switch',
      'audit:record has no switch',
      'violation:record has no switch',
      'dlq:replay has no switch',
      'relay:deliver has no switch',
    ]);
  });

  it.each(['crash order:process --dry-run', 'clear --dry-run'])(
    'changes nothing: %s',
    async (order) => {
      const store = memoryStore();
      await switchFaults(set('crash email:send'), store);
      const before = store.items('state');
      const [said] = await switchFaults(set(order), store);
      expect(said?.text).toContain('would');
      expect(store.items('state')).toEqual(before);
    },
  );

  it.each([
    ['', "there is no command ''"],
    ['fault', "there is no command 'fault'"],
    ['faults', 'show, crash or clear?'],
    ['faults explode', "there is no 'faults explode'"],
    ['faults crash', 'of which queue?'],
    ['faults crash order', "there is no queue 'order'"],
    ['faults crash order:process now', "what is 'now' for?"],
    ['faults crash order:process --point here', '--point must be'],
    ['faults crash order:process --times 0', '--times must be a whole number from 1 to 1000'],
    ['faults crash order:process --times 1e3', '--times must be'],
    ['faults show --times 1', "--times does not belong to 'faults show'"],
    ['faults show --dry-run', "--dry-run does not belong to 'faults show'"],
    ['faults show --stage production', '--stage must be local or sandbox'],
    ['faults show --port x', '--port must be'],
    ['faults show --loud', 'there is no option --loud'],
  ])('is used wrongly by %j', async (text, why) => {
    const { code, said } = await run(text);
    expect(code).toBe(2);
    expect(said).toContain(text === '' ? 'usage' : why);
    expect(said).toContain('usage: npm run ops');
  });

  it.each(['--help', 'faults --help'])('explains itself: %s', async (text) => {
    expect(await run(text)).toMatchObject({ code: 0, said: expect.stringContaining('usage') });
  });

  it('names the remedy where no stack is running', async () => {
    expect(await run('faults show')).toMatchObject({
      code: 3,
      said: expect.stringContaining('npm start'),
    });
  });

  it('names the remedy where the stack has ended without a word', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-'));
    const state = {
      stage: 'local',
      apiUrl: 'http://127.0.0.1:9/api',
      endpoint: 'http://127.0.0.1:9',
      region: 'us-east-1',
      engine: 'ministack',
      apiKeys: {},
      tenants: [],
      pids: [],
    };
    writeFileSync(join(folder, 'local.json'), JSON.stringify(state));
    const before = { ...process.env };
    expect(await run('faults show', folder)).toMatchObject({
      code: 3,
      said: expect.stringContaining('npm start'),
    });
    Object.assign(process.env, before);
    rmSync(folder, { recursive: true });
  });
});
