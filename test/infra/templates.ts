/** The templates of a stage, as a deploy would send them. Made once for each stage. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { functions } from '#functions/tables/functions.ts';
import type { Stage } from '#functions/tables/names.ts';
import { type StageConfig, stages } from '#infra/config.ts';
import { addStacks, appProps, type Stacks } from '#infra/holdfast.ts';
import type { Template } from './rules.ts';

export type Templates = Readonly<Record<keyof Stacks, Template>>;

/** What stands in for the code: templates name it only by its hash (test/infra/bundle.test.ts has the real). */
function standInCode(directory: string): Record<string, string> {
  const folder = join(directory, 'code');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = async () => {};\n');
  return Object.fromEntries(Object.keys(functions).map((name) => [name, folder]));
}

export interface SynthesiseOptions {
  readonly config?: Partial<StageConfig>;
  readonly alarmEmail?: string;
  /** Asks CDK's own check of templates too, which takes seconds. Throws where that finds an error. */
  readonly validated?: boolean;
}

export function synthesise(
  stage: Stage,
  { config, alarmEmail, validated = false }: SynthesiseOptions = {},
): Templates {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-infra-'));
  const app = new App({
    ...appProps,
    outdir: join(directory, 'out'),
    builtinCloudFormationValidation: validated,
  });
  const stacks = addStacks(app, {
    stage,
    config: { ...stages[stage], ...config },
    code: standInCode(directory),
    ...(alarmEmail && { alarmEmail }),
  });
  const assembly = app.synth();
  const templates = Object.fromEntries(
    Object.entries(stacks).map(([name, stack]) => [
      name,
      assembly.getStackArtifact(stack.artifactId).template,
    ]),
  ) as Templates;
  rmSync(directory, { recursive: true });
  return templates;
}

const made = new Map<Stage, Templates>();

export function templatesOf(stage: Stage): Templates {
  const templates = made.get(stage) ?? synthesise(stage);
  made.set(stage, templates);
  return templates;
}
