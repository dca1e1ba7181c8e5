/** Folders and processes of tests that need real ones. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { membersOf } from '#local/bootstrap/processes.mjs';

/** An empty folder that goes with the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Resolves as soon as it holds, or fails with what it was waiting for. */
export async function eventually(
  what: string,
  holds: () => boolean,
  withinMs = 20_000,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(10);
  }
}

/** Kills a process group when the test ends, whatever has become of it. */
export function endWithTest(group: number): void {
  onTestFinished(() => {
    if (membersOf(group).length > 0) process.kill(-group, 'SIGKILL');
  });
}
