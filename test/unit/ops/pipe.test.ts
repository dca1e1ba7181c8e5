import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { endQuietly } from '#ops/command-line.ts';

it('a command whose reader has gone (| head) ends quietly, with its own exit code', async () => {
  const script = join(import.meta.dirname, '../../../ops/ops.ts');
  const child = spawn(process.execPath, [script, 'dlq', '--help'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const [[code, signal], said] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  expect({ code, signal, said }).toEqual({ code: 0, signal: null, said: '' });
});

it('another fault of the output is not swallowed', () => {
  const stream = new PassThrough();
  endQuietly(stream);
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  expect(() => stream.emit('error', full)).toThrow('no space');
});
