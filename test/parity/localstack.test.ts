import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { markOf, membersOf } from '#local/bootstrap/processes.mjs';
import { startLocalStack } from '#local/engines/localstack.ts';
import { freePort } from '#local/ports.ts';
import { endWithTest, eventually, scratchFolder } from '../unit/local/scratch.ts';

const starter = join(import.meta.dirname, '../unit/local/fixtures/localstack-starter.ts');

/** The folders of what runs there, which each engine's end takes along. */
const runsIn = (folder: string) => readdirSync(join(folder, 'run'));

/** A port that something else listens on, and answers as a LocalStack would. */
async function portOfAnother(): Promise<number> {
  const other = createServer((_, response) => response.end('{"version":"2026.3.0:else"}'));
  other.listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  return (other.address() as AddressInfo).port;
}

describe('LocalStack on the host', { timeout: 240_000 }, () => {
  it('is not taken for another on its port, and takes what is behind it along when it dies', async () => {
    const folder = scratchFolder();
    const free = await freePort();
    const choices = [await portOfAnother(), free];
    const engine = await startLocalStack({
      folder,
      choosePort: async () => choices.shift() ?? 0,
    });
    onTestFinished(engine.stop);
    expect(engine.endpoint).toBe(`http://127.0.0.1:${free}`);
    expect(markOf(engine.pid)).toBe(engine.startedAt);
    const [behind = ''] = runsIn(folder).filter((name) => name !== String(free));
    expect((await fetch(`http://127.0.0.1:${behind}/_ministack/ready`)).status).toBe(200);

    process.kill(engine.pid, 'SIGKILL');

    expect((await engine.died).code).toBeNull();
    await engine.stop();
    expect(membersOf(engine.pid)).toEqual([]);
    expect(runsIn(folder)).toEqual([]);
  });

  it('is gone, with what is behind it, when its starter is killed', async () => {
    const folder = scratchFolder();
    const child = spawn(process.execPath, [starter, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const group = Number((await once(child.stdout, 'data'))[0]);
    endWithTest(group);
    expect(runsIn(folder)).toHaveLength(2);

    child.kill('SIGKILL');

    await eventually('nothing is left', () => membersOf(group).length === 0, 60_000);
    await eventually('their folders are gone', () => runsIn(folder).length === 0, 60_000);
  });
});
