/** The options that every command on a stage has. */
import type { Stage } from '#functions/tables/names.ts';
import { stageNamed, wholeNumber } from './command-line.ts';

export const stageOptions = {
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  stage: { type: 'string', default: 'local' },
  port: { type: 'string' },
} as const;

/** Those that every order has; `--dry-run` belongs to those that change something. */
export const everywhere = ['json', 'stage', 'port'] as const;

export const stageOptionsUsage = `  --json                   JSON, one object a line
  --stage <local|sandbox>  default local: the stack on this machine
  --port <port>            the local stack whose endpoint has this port (default: the first one)`;

export interface OnStage {
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly stage: Stage;
  readonly port: number | undefined;
}

/** @throws UsageError */
export const readStageOptions = (values: {
  readonly 'dry-run': boolean;
  readonly json: boolean;
  readonly stage: string;
  readonly port?: string | undefined;
}): OnStage => ({
  dryRun: values['dry-run'],
  json: values.json,
  stage: stageNamed(values.stage),
  port: values.port === undefined ? undefined : wholeNumber('--port', values.port, 65_535),
});

/** What a command that is printed to be pasted needs, to work on the same stack as this one. */
export const sameStage = ({ stage, port }: Pick<OnStage, 'stage' | 'port'>): string =>
  `${stage === 'local' ? '' : ` --stage ${stage}`}${port === undefined ? '' : ` --port ${port}`}`;

/** A line for people, and the same for machines; without one of them, nothing is said to those. */
export interface Said {
  readonly text?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export const say =
  (json: boolean, out: (text: string) => void) =>
  ({ text, facts }: Said): void => {
    const line = json ? facts && JSON.stringify(facts) : text;
    if (line !== undefined) out(`${line}\n`);
  };
