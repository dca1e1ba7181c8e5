/** The templates of each variant of a stage, as a deploy would send them. Made once for each. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { functions } from '#functions/tables/functions.ts';
import type { Stage } from '#functions/tables/names.ts';
import { configOf, type StageConfig, stages } from '#infra/config.ts';
import { addStacks, appProps, type Stacks } from '#infra/holdfast.ts';
import type { Contexts } from '#infra/stage-options.ts';
import type { Template } from './rules.ts';

/** A stack that a stage does not have has an empty template. */
export type Templates = Readonly<Record<keyof Stacks, Template>>;

/** Everything that can be said on deploy, with numbers and names of nobody. */
export const everyOption = {
  wafRate: 2_000,
  alarmEmail: 'team@example.org',
  alarmPage: 'https://pager.example.org/holdfast',
  alarmTicket: 'tickets@example.org',
  domainName: 'api.example.org',
  domainCertificate:
    'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012',
  domainBasePath: 'orders',
  domainZone: 'Z0123456789EXAMPLE00',
  budgetUsd: 25,
  budgetEmail: 'team@example.org',
  backups: 'true',
  reservedConcurrency: 'true',
} as const satisfies Required<Contexts>;

/** What the rules are held against: every stage as it is, and with everything on. */
export const variants: Readonly<
  Record<string, { readonly stage: Stage; readonly said: Contexts }>
> = {
  local: { stage: 'local', said: {} },
  sandbox: { stage: 'sandbox', said: {} },
  'sandbox with every option': { stage: 'sandbox', said: everyOption },
};

/** What stands in for the code: templates name it only by its hash (test/infra/bundle.test.ts has the real). */
function standInCode(directory: string): Record<string, string> {
  const folder = join(directory, 'code');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = async () => {};\n');
  return Object.fromEntries(Object.keys(functions).map((name) => [name, folder]));
}

export interface SynthesiseOptions {
  readonly config?: Partial<StageConfig>;
  /** Asks CDK's own check of templates too, which takes seconds. Throws where that finds an error. */
  readonly validated?: boolean;
}

export interface Synthesised {
  readonly app: App;
  readonly templates: Templates;
}

function make(stage: Stage, { config, validated = false }: SynthesiseOptions): Synthesised {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-infra-'));
  try {
    const app = new App({
      ...appProps,
      outdir: join(directory, 'out'),
      builtinCloudFormationValidation: validated,
    });
    const stacks = addStacks(app, {
      stage,
      config: { ...stages[stage], ...config },
      code: standInCode(directory),
    });
    const assembly = app.synth();
    const templates = Object.fromEntries(
      Object.entries(stacks).map(([name, stack]) => [
        name,
        assembly.getStackArtifact(stack.artifactId).template,
      ]),
    );
    return { app, templates: { recovery: { Resources: {} }, ...templates } as Templates };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export const synthesise = (stage: Stage, options: SynthesiseOptions = {}): Templates =>
  make(stage, options).templates;

const made = new Map<string, Synthesised>();

/** @param variant a key of `variants`; that of a stage is its name. */
export function variantOf(variant: string): Synthesised {
  const row = variants[variant];
  if (!row) throw new RangeError(`there is no variant '${variant}'`);
  const { stage, said } = row;
  const its = made.get(variant) ?? make(stage, { config: configOf(stage, said) });
  made.set(variant, its);
  return its;
}

export const templatesOf = (variant: string): Templates => variantOf(variant).templates;
