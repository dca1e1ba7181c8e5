/** Writes docs/evidence/rate-limit: the algorithms of rate limits under the same loads. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { report } from './report.ts';

const folder = join(import.meta.dirname, '../../docs/evidence/rate-limit');
const files = await report();

// Only now: a run that failed leaves what was kept as it is.
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [file, text] of files) writeFileSync(join(folder, file), text);
console.log(`${files.size} files in docs/evidence/rate-limit`);
