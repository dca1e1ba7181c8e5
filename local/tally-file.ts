import { readFileSync } from 'node:fs';
import { readTally, type Tally } from './tally.ts';

/** The tally that a run left in a file, or undefined where it left none. */
export function tallyIn(file: string): Tally | undefined {
  try {
    return readTally(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
