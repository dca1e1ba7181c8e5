/** The templates of a stage without its code, which costs nothing by being there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { functions } from '#functions/tables/functions.ts';
import type { Stage } from '#functions/tables/names.ts';
import { configOf } from '../config.ts';
import { addStacks, appProps } from '../holdfast.ts';
import type { Contexts } from '../stage-options.ts';
import type { CountedTemplate } from './idle.ts';

export function synthesised(stage: Stage, said: Contexts): readonly CountedTemplate[] {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-cost-'));
  try {
    const code = join(folder, 'code');
    mkdirSync(code);
    writeFileSync(join(code, 'index.mjs'), 'export const handler = async () => {};\n');
    const app = new App({
      ...appProps,
      outdir: join(folder, 'out'),
      // Whether the templates are right is for the tests of the stacks to say.
      builtinCloudFormationValidation: false,
    });
    addStacks(app, {
      stage,
      config: configOf(stage, said),
      code: Object.fromEntries(Object.keys(functions).map((name) => [name, code])),
    });
    return app.synth().stacks.map(({ template }) => template as CountedTemplate);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
