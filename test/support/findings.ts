/** What probes found in this run, kept where every suite of the run sees it: each row is asked once. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Finding } from '#local/capabilities/probe.ts';

const finding = z.object({ does: z.boolean(), saw: z.string() });

export interface Findings {
  /** What was found, or what `ask` finds now. A probe's fault is kept nowhere. */
  of(row: string, ask: () => Promise<Finding>): Promise<Finding>;
  keep(row: string, found: Finding): void;
}

/** @param folder of the run; without one they are forgotten with the process. */
export function findingsIn(folder: string | undefined): Findings {
  const known = new Map<string, Finding>();
  const fileOf = (row: string) => folder && join(folder, `${row}.finding.json`);

  function read(row: string): Finding | undefined {
    const file = fileOf(row);
    if (!file) return known.get(row);
    try {
      return finding.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  function keep(row: string, found: Finding): void {
    const file = fileOf(row);
    if (!folder || !file) {
      known.set(row, found);
      return;
    }
    mkdirSync(folder, { recursive: true });
    const draft = `${file}-${process.pid}`;
    writeFileSync(draft, JSON.stringify(found));
    renameSync(draft, file);
  }

  return {
    keep,
    async of(row, ask) {
      const before = read(row);
      if (before) return before;
      const found = await ask();
      keep(row, found);
      return found;
    },
  };
}
