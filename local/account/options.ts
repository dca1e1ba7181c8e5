/** What `npm run deploy` and `npm run destroy` can be told, checked before anything is called. */
import type { Stage } from '#functions/tables/names.ts';
import { configOf, type StageConfig, stages } from '#infra/config.ts';
import { type OptionContext, optionContexts } from '#infra/stage-options.ts';
import { readOptions } from '#ops/command-line.ts';
import { UsageError } from '#ops/usage-error.ts';

export type AccountCommand = 'deploy' | 'destroy';

const remoteStages = Object.keys(stages).filter((stage) => stage !== 'local');

interface Flag {
  readonly value?: string;
  readonly means: string;
}

const optionNames = Object.keys(optionContexts) as OptionContext[];

/** `--waf-rate` is the context `wafRate`. */
const flagOf = (context: OptionContext): string =>
  context === 'reservedConcurrency'
    ? 'reserve-concurrency'
    : context.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);

/** The options of the stage, by the flag that says them. */
export const stageFlags: Readonly<Record<string, Flag>> = Object.fromEntries(
  optionNames.map((context) => [flagOf(context), optionContexts[context]]),
);

/** Those of the command itself. */
export const commandFlags = (command: AccountCommand): Readonly<Record<string, Flag>> => ({
  stage: { value: remoteStages.join('|'), means: `which stage to ${command}` },
  'dry-run': {
    means: command === 'deploy' ? 'only show what would change' : 'only show what would go',
  },
  yes: { means: 'do not ask' },
});

const line = ([name, { value, means }]: [string, Flag]): string =>
  `  ${`--${name}${value ? ` ${value}` : ''}`.padEnd(28)} ${means}\n`;

export function accountUsage(command: AccountCommand): string {
  const own = Object.entries(commandFlags(command)).map(line).join('');
  const head = `usage: npm run ${command} -- --stage <${remoteStages.join('|')}> [options]\n${own}`;
  if (command === 'destroy') return head;
  return `${head}What the stage has besides (say all of them each time: what is not said, goes, but for backups, which stay until destroy):\n${Object.entries(stageFlags).map(line).join('')}`;
}

export interface AccountOptions {
  readonly stage: Stage;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly config: StageConfig;
  /** For the CDK: `--context stage=sandbox`, and one more for each option that was said. */
  readonly contexts: readonly string[];
}

/** @throws UsageError */
export function readAccountOptions(
  command: AccountCommand,
  args: readonly string[],
): AccountOptions | 'help' {
  const values = parsed(command, args);
  if (values['help']) return 'help';
  const stage = stageOf(command, values['stage']);
  const said = optionNames.flatMap((context) => {
    const value = values[flagOf(context)];
    return value === undefined ? [] : [[context, String(value)] as const];
  });
  return {
    stage,
    dryRun: values['dry-run'] === true,
    yes: values['yes'] === true,
    config: checked(stage, said),
    contexts: [['stage', stage], ...said].flatMap(([name, value]) => [
      '--context',
      `${name}=${value}`,
    ]),
  };
}

function parsed(command: AccountCommand, args: readonly string[]) {
  const flags = { ...commandFlags(command), ...(command === 'deploy' ? stageFlags : {}) };
  const { values } = readOptions({
    args: [...args],
    options: {
      help: { type: 'boolean' },
      ...Object.fromEntries(
        Object.entries(flags).map(([name, { value }]) => [
          name,
          { type: value ? ('string' as const) : ('boolean' as const) },
        ]),
      ),
    },
  });
  return values as Readonly<Record<string, string | boolean | undefined>>;
}

function stageOf(command: AccountCommand, stage: string | boolean | undefined): Stage {
  if (stage === undefined) throw new UsageError('--stage is needed');
  if (stage === 'local')
    throw new UsageError(
      `stage local is on this machine: npm start ${command === 'deploy' ? 'deploys it' : 'takes it down with Ctrl-C'}`,
    );
  if (typeof stage !== 'string' || !remoteStages.includes(stage))
    throw new UsageError(`--stage must be ${remoteStages.join(' or ')}, got '${stage}'`);
  return stage as Stage;
}

/** A context is named in what is wrong with it; who typed it knows it as a flag. */
function checked(stage: Stage, said: readonly (readonly [OptionContext, string])[]): StageConfig {
  try {
    return configOf(stage, Object.fromEntries(said));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const words = optionNames.reduce(
      (text, context) => text.replace(new RegExp(`\\b${context}\\b`, 'g'), `--${flagOf(context)}`),
      error.message,
    );
    throw new UsageError(words);
  }
}
