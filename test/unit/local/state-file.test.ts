import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { thisProcess } from '#local/bootstrap/processes.mjs';
import {
  type LocalState,
  readState,
  removeState,
  runningStack,
  writeState,
} from '#local/state-file.ts';
import { StackMissingError } from '#ops/stack.ts';
import { scratchFolder } from './scratch.ts';

const engine = { name: 'engine', ...thisProcess() };
/** This very process id, as it might have been used before. */
const gone = { ...engine, startedAt: 'another time' };

const stack = (port: number, ...pids: LocalState['pids']): LocalState => ({
  apiUrl: `http://127.0.0.1:${port}/_aws/execute-api/holdfast/local`,
  endpoint: `http://127.0.0.1:${port}`,
  region: 'us-east-1',
  engine: 'ministack',
  apiKeys: { acme: 'key' },
  tenants: ['acme'],
  stage: 'local',
  pids: pids.length > 0 ? pids : [engine],
});

describe('the state file', () => {
  it('is found by other commands as it was written, and by nobody else', () => {
    const folder = scratchFolder();
    const file = writeState(stack(4566), { folder });

    expect(file).toBe(join(folder, 'local.json'));
    expect(runningStack({ folder })).toEqual(stack(4566));
    expect(readdirSync(folder)).toEqual(['local.json']);
  });

  it('has the name of its port while another stack runs', () => {
    const folder = scratchFolder();
    writeState(stack(4566), { folder });
    const second = writeState(stack(4567), { folder });

    expect(basename(second)).toBe('4567.json');
    expect(runningStack({ folder }).endpoint).toBe('http://127.0.0.1:4566');
    expect(runningStack({ folder, port: 4567 }).endpoint).toBe('http://127.0.0.1:4567');
  });

  it('is not written when something is missing', () => {
    const folder = scratchFolder();
    const { apiKeys: _, ...incomplete } = stack(4566);
    expect(() => writeState(incomplete as LocalState, { folder })).toThrow(/apiKeys/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('gives way when the processes of its stack are gone', () => {
    const folder = scratchFolder();
    writeState(stack(4566, engine, gone), { folder });
    expect(basename(writeState(stack(4567), { folder }))).toBe('local.json');
    expect(runningStack({ folder }).endpoint).toBe('http://127.0.0.1:4567');
  });

  it('gives way when nobody could use it', () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'local.json'), '{"apiUrl": 1');
    expect(readState({ folder })).toBeUndefined();
    expect(basename(writeState(stack(4567), { folder }))).toBe('local.json');
  });
});

describe('a command that needs the running stack', () => {
  const refusal = (folder: string): StackMissingError => {
    try {
      runningStack({ folder });
    } catch (error) {
      if (error instanceof StackMissingError) return error;
    }
    throw new Error('it was not refused');
  };

  it('is told to start one when there is none', () => {
    const { message, exitCode } = refusal(scratchFolder());
    expect(message).toMatch(/no local stack is running.*npm start$/);
    expect(exitCode).toBe(3);
  });

  it('is told which process has gone, and the file goes', () => {
    const folder = scratchFolder();
    writeState(stack(4566, gone), { folder });
    expect(refusal(folder).message).toContain(`engine (process ${process.pid})`);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is told what is wrong with a file that somebody else wrote', () => {
    const folder = scratchFolder();
    const file = join(folder, 'local.json');
    writeFileSync(file, JSON.stringify({ ...stack(4566), apiUrl: 1 }));
    expect(refusal(folder).message).toMatch(/apiUrl/);
    expect(readFileSync(file, 'utf8')).not.toBe('');
  });

  it('is told so after a clean stop', () => {
    const folder = scratchFolder();
    removeState(writeState(stack(4566), { folder }));
    expect(refusal(folder).message).toMatch(/no local stack is running/);
  });
});
