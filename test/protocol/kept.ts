/** What docs/evidence/protocol keeps of the runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const keptFolder = join(import.meta.dirname, '../../docs/evidence/protocol');
export const summaryFile = 'summary.txt';

/** The command that writes them anew. */
export const keepCommand = 'node test/protocol/evidence.ts';

/** @throws Error with the command that would have written it. */
export function readKept(file: string): string {
  try {
    return readFileSync(join(keptFolder, file), 'utf8');
  } catch (cause) {
    throw new Error(`${file} is not kept yet: ${keepCommand}`, { cause });
  }
}
