/** What only the machine can do to a program: end one of its children, or give it a disk that is small. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { checkout } from '#local/bootstrap/paths.mjs';

/** Every process with its parent and command line. Linux reads /proc, macOS asks ps. */
function everyProcess(): { pid: number; parent: number; line: string }[] {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-ax', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
    return stdout.split('\n').flatMap((row) => {
      const [, pid, parent, line = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
      return pid ? [{ pid: Number(pid), parent: Number(parent), line }] : [];
    });
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(pid), parent: Number(parent), line }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}

/** The child of this process whose command line holds the text. */
export const childOf = (parent: number, text: string): number | undefined =>
  everyProcess().find((other) => other.parent === parent && other.line.includes(text))?.pid;

/** Mounts a small disk at $0, with what is dear to make beside it, and becomes the program given. */
const mounting = `mount -t tmpfs -o size="$SMALL_DISK_MB"m none "$0" &&
  for name in python assemblies compiled; do ln -s "$KEPT/$name" "$0"; done && exec "$@"`;

/**
 * A folder that is a disk of its own, and small, for what is run `within`.
 *
 * @returns undefined where the system does not allow it.
 */
export function smallDisk(mb: number) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-small-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const variables = [`SMALL_DISK_MB=${mb}`, `KEPT=${join(checkout, '.holdfast')}`];
  const within = ['unshare', '-rm', 'env', ...variables, 'sh', '-c', mounting, folder];
  const [command = '', ...args] = within;
  if (spawnSync(command, [...args, 'true']).status !== 0) return undefined;
  return {
    folder,
    within,
    /** Until nothing more can be written, as whoever runs within sees it. */
    async fill(pid: number): Promise<void> {
      const file = await open(join(`/proc/${pid}/root`, folder, 'filler'), 'w');
      const chunk = Buffer.alloc(1 << 20);
      try {
        for (;;) await file.write(chunk);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        await file.close();
      }
    },
  };
}
