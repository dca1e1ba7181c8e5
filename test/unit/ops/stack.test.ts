import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runningStack } from '#ops/stack.ts';
import { sameStage } from '#ops/stage-options.ts';

function folderOf(stacks: Readonly<Record<string, number>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-stacks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, port] of Object.entries(stacks)) {
    const endpoint = `http://127.0.0.1:${port}`;
    const stack = {
      ...{ stage: 'local', apiUrl: `${endpoint}/v1`, endpoint, region: 'us-east-1' },
      ...{ engine: 'ministack', apiKeys: {}, tenants: [] },
      pids: [{ name: 'engine', pid: process.pid, startedAt: 'now' }],
    };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(stack));
  }
  return folder;
}

describe('the stack that a command works on', () => {
  it('is the first one, or the one whose port is named, the first among them', () => {
    const folder = folderOf({ local: 4566, '4567': 4567 });
    expect(runningStack({ folder }).endpoint).toBe('http://127.0.0.1:4566');
    expect(runningStack({ folder, port: 4567 }).endpoint).toBe('http://127.0.0.1:4567');
    expect(runningStack({ folder, port: 4566 }).endpoint).toBe('http://127.0.0.1:4566');
  });

  it('is never another than was meant: the ports that may be are said', () => {
    const folder = folderOf({ '4567': 4567 });
    expect(() => runningStack({ folder })).toThrow(/there may be others: --port 4567$/);
    expect(() => runningStack({ folder, port: 4568 })).toThrow(/--port 4567$/);
    expect(() => runningStack({ folder: folderOf({}) })).toThrow(/start one with: npm start$/);
  });
});

it('is named by every command that is printed to be pasted', () => {
  expect(sameStage({ stage: 'sandbox', port: undefined })).toBe(' --stage sandbox');
  expect(sameStage({ stage: 'local', port: 4567 })).toBe(' --port 4567');
  expect(sameStage({ stage: 'local', port: undefined })).toBe('');
});
