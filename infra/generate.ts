/** `node infra/generate.ts` writes the files that are made from tables; a test holds them equal. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { k6Thresholds } from './k6-thresholds.ts';
import { sloPage } from './slo-page.ts';

/** What should be in each file, by its path in the project. */
export const generated: Readonly<Record<string, () => string>> = {
  'k6/generated/thresholds.json': k6Thresholds,
  'docs/slo.md': sloPage,
};

if (import.meta.main)
  for (const [path, text] of Object.entries(generated)) {
    const file = join(dirname(import.meta.dirname), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text());
    console.log(`wrote ${path}`);
  }
