import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { markOf, membersOf } from '#local/bootstrap/processes.mjs';
import { type MiniStackOptions, startMiniStack } from '#local/engines/ministack.ts';
import { EngineError } from '#local/engines/supervised.ts';
import { freePort } from '#local/ports.ts';
import { scratchFolder } from './scratch.ts';

async function started(options: MiniStackOptions) {
  const engine = await startMiniStack(options);
  onTestFinished(engine.stop);
  return engine;
}

/** A port that something else listens on, and answers as a healthy engine would. */
async function portOfAnother(): Promise<number> {
  const other = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  return (other.address() as AddressInfo).port;
}

describe('the default engine', { timeout: 30_000 }, () => {
  it('answers on the loopback, beside another one of the same folder, and leaves nothing behind', async () => {
    const folder = scratchFolder();
    const engines = await Promise.all([started({ folder }), started({ folder })]);

    const [one, two] = engines;
    expect(one.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(two.endpoint).not.toBe(one.endpoint);
    expect(markOf(one.pid)).toBe(one.startedAt);
    expect((await fetch(`${one.endpoint}/_ministack/ready`)).status).toBe(200);

    await Promise.all(engines.map((engine) => engine.stop()));
    expect(engines.flatMap((engine) => membersOf(engine.pid))).toEqual([]);
    expect(readdirSync(join(folder, 'run'))).toEqual([]);
  });

  it('takes another port when the chosen one is taken, or kept by another start', async () => {
    const folder = scratchFolder();
    const kept = await freePort();
    mkdirSync(join(folder, 'run', String(kept)), { recursive: true });
    const free = await freePort();
    const choices = [await portOfAnother(), kept, free];

    const engine = await started({ folder, choosePort: async () => choices.shift() ?? 0 });

    expect(engine.endpoint).toBe(`http://127.0.0.1:${free}`);
    expect(choices).toEqual([]);
  });

  it('gives up after three ports, and names them', async () => {
    const taken = await portOfAnother();
    const starting = startMiniStack({ folder: scratchFolder(), choosePort: async () => taken });
    await expect(starting).rejects.toThrow(EngineError);
    await expect(starting).rejects.toThrow(`${taken}, ${taken}, ${taken}`);
  });

  it('shows the end of its log when it ends before it is ready', async () => {
    const folder = scratchFolder();
    const starting = startMiniStack({ folder, choosePort: async () => 123_456 });
    await expect(starting).rejects.toThrow(/ended before it was ready[\s\S]*OverflowError/);
    expect(readdirSync(join(folder, 'run'))).toEqual([]);
  });

  it('is stopped when it is not ready in time', async () => {
    const folder = scratchFolder();
    const starting = startMiniStack({ folder, readyWithinMs: 1 });
    await expect(starting).rejects.toThrow(/not ready within 1 ms/);
    expect(readdirSync(join(folder, 'run'))).toEqual([]);
  });

  it.each([{ functionConcurrency: 0 }, { readyWithinMs: Number.NaN }])(
    'is not started with %o',
    async (wrong) => {
      const folder = scratchFolder();
      await expect(startMiniStack({ folder, ...wrong })).rejects.toThrow(RangeError);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('tells when it was killed from outside', async () => {
    const engine = await started({ folder: scratchFolder() });
    process.kill(engine.pid, 'SIGKILL');
    expect(await engine.died).toEqual({ code: null, tail: expect.stringContaining('Running on') });
  });
});
