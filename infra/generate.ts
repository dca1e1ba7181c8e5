/** `node infra/generate.ts` writes the files that are made from tables; a test holds them equal. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { costsPage } from './cost/page.ts';
import { k6Limits } from './k6-limits.ts';
import { k6Pressure } from './k6-pressure.ts';
import { k6Thresholds } from './k6-thresholds.ts';
import { limitsPage } from './limits-page.ts';
import { sloPage } from './slo-page.ts';

/** What should be in each file, by its path in the project. */
export const generated: Readonly<Record<string, () => string>> = {
  'k6/generated/thresholds.json': k6Thresholds,
  'k6/generated/limits.json': k6Limits,
  'k6/generated/pressure.json': k6Pressure,
  'docs/slo.md': sloPage,
  'docs/limits.md': limitsPage,
  'docs/costs.md': costsPage,
};

if (import.meta.main)
  for (const [path, text] of Object.entries(generated)) {
    const file = join(dirname(import.meta.dirname), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text());
    console.log(`wrote ${path}`);
  }
