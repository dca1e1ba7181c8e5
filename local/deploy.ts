/** Deploys a stage to an engine, by the CDK's own command line and the same app as everywhere. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Stage } from '#functions/tables/names.ts';
import { stages } from '#infra/config.ts';
import { assemblyOf, sourcesHash } from './assembly-cache.ts';
import { holdfastFolder } from './bootstrap/paths.mjs';
import { cdk } from './cdk.ts';
import { readTemplates, type StackTemplate } from './settle/deployed.ts';

export interface DeployOptions {
  readonly stage: Stage;
  /** Of everything that is started; for an engine as guard.ts makes it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gets templates, assets and outputs; belongs to this run alone. */
  readonly folder: string;
  readonly logFile: string;
  /** Told what has been reached: `34 of 152 resources`. */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface Deployment {
  readonly templates: readonly StackTemplate[];
  /** Outputs of all stacks, by name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Prepares the account and makes the templates, both at once, then deploys every stack.
 *
 * @throws CdkError with the reasons of what failed.
 * @throws RangeError for a stage without an account of its own.
 */
export async function deployStage({
  stage,
  environment,
  folder,
  logFile,
  onProgress = () => {},
  signal,
}: DeployOptions): Promise<Deployment> {
  const { place } = stages[stage];
  if (!place) throw new RangeError(`stage ${stage} has no account of its own to deploy to`);
  const home = join(folder, 'cdk-home');
  const outputsFile = join(folder, 'outputs.json');
  mkdirSync(home, { recursive: true });
  const run = {
    environment: {
      ...environment,
      // A person's ~/.cdk.json could name an app, a role or a profile.
      HOME: home,
      // The command line is started three times, and most of a start is compiling it.
      NODE_COMPILE_CACHE: join(holdfastFolder, 'compiled'),
    },
    logFile,
    ...(signal && { signal }),
  };

  const synthesise = (output: string) =>
    cdk({ ...run, args: ['synth', '--quiet', '--context', `stage=${stage}`, '--output', output] });
  // In a folder without cdk.json, or the app would be run for it.
  const bootstrap = () =>
    cdk({ ...run, cwd: home, args: ['bootstrap', `aws://${place.account}/${place.region}`] });

  onProgress('templates');
  const [assembly] = await both(
    assemblyOf({
      make: synthesise,
      hash: () => sourcesHash([stage]),
      own: join(folder, 'cdk.out'),
      folder: join(holdfastFolder, 'assemblies'),
    }),
    bootstrap(),
  );

  const templates = readTemplates(assembly);
  const count = countResources(templates);
  await cdk({
    ...run,
    cwd: home,
    args: [
      ...['deploy', '--all', '--app', assembly, '--outputs-file', outputsFile],
      ...['--require-approval', 'never', '--method', 'direct', '--concurrency', '4'],
      ...['--progress', 'events'],
    ],
    onLine: (line) => {
      const reached = count(line);
      if (reached) onProgress(reached);
    },
  });
  return { templates, outputs: readOutputs(outputsFile) };
}

/** Both, or the first failure once both have ended. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}

const resourceMade = /^\S+ \|.*\| CREATE_COMPLETE +\| (AWS::\S+)/;

/** A counter of the resources that the CDK reports as made: it answers for each line that is one. */
export function countResources(
  templates: readonly StackTemplate[],
): (line: string) => string | undefined {
  const all = templates
    .map(({ template }) => Object.keys(template.Resources ?? {}).length)
    .reduce((sum, one) => sum + one, 0);
  let made = 0;
  return (line) => {
    const [, type] = resourceMade.exec(line) ?? [];
    if (!type || type === 'AWS::CloudFormation::Stack') return undefined;
    made += 1;
    return `${made} of ${all} resources`;
  };
}

const outputsSchema = z.record(z.string(), z.record(z.string(), z.string()));

const readOutputs = (file: string): Record<string, string> =>
  Object.assign({}, ...Object.values(outputsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))));
