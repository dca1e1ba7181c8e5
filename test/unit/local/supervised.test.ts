import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newLog } from '#local/bootstrap/logs.mjs';
import { membersOf } from '#local/bootstrap/processes.mjs';
import { findPython } from '#local/bootstrap/python.mjs';
import { EngineError, type Program, supervised } from '#local/engines/supervised.ts';
import { endWithTest, eventually, scratchFolder } from './scratch.ts';

const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name);

/** A program of this Node with a private folder, and whether its output holds a text. */
function program(args: readonly string[], graceMs = 100) {
  const folder = scratchFolder();
  const privateFolder = join(folder, 'private');
  mkdirSync(join(privateFolder, 'tmp'), { recursive: true });
  const logFile = newLog(folder, 'engine');
  const of: Program = {
    command: process.execPath,
    args,
    environment: {},
    logFile,
    privateFolder,
    graceMs,
  };
  return { of, says: (text: string) => readFileSync(logFile, 'utf8').includes(text) };
}

async function started(of: Program) {
  const engine = await supervised(of);
  endWithTest(engine.pid);
  endWithTest(engine.supervisorPid);
  return engine;
}

const withWorker = (graceMs?: number) => program([fixture('engine.mjs')], graceMs);

describe('an engine under a supervisor', { timeout: 30_000 }, () => {
  it('is gone with its workers and its private folder when it is stopped', async () => {
    const { of, says } = withWorker();
    const engine = await started(of);
    await eventually('the worker is up', () => says('worker up'));
    expect(membersOf(engine.pid)).toHaveLength(2);

    await engine.stop();

    expect(membersOf(engine.pid)).toEqual([]);
    expect(existsSync(of.privateFolder)).toBe(false);
    await engine.stop();
  });

  it('is gone with its workers when its starter is killed', async () => {
    const { of, says } = withWorker();
    const starter = spawn(process.execPath, [fixture('starter.ts'), JSON.stringify(of)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const group = Number((await once(starter.stdout, 'data'))[0]);
    endWithTest(group);
    await eventually('the worker is up', () => says('worker up'));
    expect(membersOf(group)).toHaveLength(2);

    starter.kill('SIGKILL');

    await eventually('nothing is left', () => membersOf(group).length === 0);
    await eventually('the folder is gone', () => !existsSync(of.privateFolder));
  });

  it('is gone when its supervisor is killed as well, by following its stdin', async () => {
    const { of } = program([]);
    const engine = await started({
      ...of,
      command: (await findPython()).executable,
      args: [
        join(import.meta.dirname, '../../../local/engines/follow_supervisor.py'),
        'http.server',
        ...['--bind', '127.0.0.1', '0'],
      ],
      environment: { PATH: '/usr/bin:/bin' },
    });
    expect(membersOf(engine.pid)).toHaveLength(1);

    process.kill(engine.supervisorPid, 'SIGKILL');

    await eventually('nothing is left', () => membersOf(engine.pid).length === 0);
    expect((await engine.died).code).toBeNull();
  });

  it('is given time to end by itself', async () => {
    const ends = `process.on('SIGTERM', () => setTimeout(() => { console.log('ended well'); process.exit() }, 50));
      setInterval(() => {}, 1e6); console.log('up')`;
    const { of, says } = program(['-e', ends], 4_000);
    const engine = await started(of);
    await eventually('it is up', () => says('up'));
    await engine.stop();
    expect(says('ended well')).toBe(true);
  });

  const fails = `process.on('SIGTERM', () => { console.log('it is in use'); process.exit(5) });
      setInterval(() => {}, 1e6); console.log('up')`;
  const hangs = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); console.log('up')`;

  it.each([
    ['with a failure', fails, 'up\nit is in use'],
    ['because it was killed', hangs, 'up'],
  ])(
    'that ends %s when it was asked to tells so where that leaves something',
    async (_, code, tail) => {
      const careless = program(['-e', code]);
      const careful = program(['-e', code]);
      const [lenient, strict] = await Promise.all([
        started(careless.of),
        started({ ...careful.of, byHand: 'rm it' }),
      ]);
      await eventually('both are up', () => careless.says('up') && careful.says('up'));

      await lenient.stop();
      const stopping = strict.stop();
      await expect(stopping).rejects.toThrow(EngineError);
      await expect(stopping).rejects.toThrow(
        `the engine did not end well; its log (${careful.of.logFile}) ends:\n${tail}\nWhat it has left is removed by: rm it`,
      );
    },
  );

  it('tells with which code and words it ended when nobody asked it to', async () => {
    const { of } = program(['-e', `console.error('out of memory'); process.exit(7)`]);
    const engine = await started(of);
    expect(await engine.died).toEqual({ code: 7, tail: 'out of memory' });
    expect(existsSync(of.privateFolder)).toBe(false);
    await engine.stop();
  });

  it('takes its workers along when it dies', async () => {
    const { of, says } = withWorker();
    const engine = await started(of);
    await eventually('the worker is up', () => says('worker up'));
    process.kill(engine.pid, 'SIGKILL');
    await engine.died;
    expect(membersOf(engine.pid)).toEqual([]);
  });

  it('is an error when it cannot be run at all', async () => {
    const { of } = program([]);
    const starting = supervised({ ...of, command: '/nowhere/python' });
    await expect(starting).rejects.toThrow(EngineError);
    await expect(starting).rejects.toThrow(/\/nowhere\/python.*ENOENT/);
  });
});
