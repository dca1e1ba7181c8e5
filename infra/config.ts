/** What differs between the stages. Everything else is the same everywhere, on purpose. */
import type { StageNumbers } from '#functions/env.ts';
import type { Stage } from '#functions/tables/names.ts';
import { localOmissions } from './local-omissions.ts';
import { checkStageOptions } from './stage-option-checks.ts';
import { type Contexts, readStageOptions, type StageOptions } from './stage-options.ts';

export interface StageConfig extends StageOptions {
  /** What functions are told. */
  readonly numbers: StageNumbers;
  /** Data may go with the stacks: nothing is protected from deletion and nothing is retained. */
  readonly throwaway: boolean;
  /** A received message is hidden for so many times its worker's timeout. From 1. */
  readonly visibilityFactor: number;
  /** How often a stream tries a batch again before it gives it up and tells so. */
  readonly streamRetries: number;
  /** Routes that are `sandboxOnly` exist. */
  readonly simulations: boolean;
  /** Each demo tenant has an API key. */
  readonly demoTenants: boolean;
  /** CloudFormation types that are left out, with the reason. */
  readonly omissions: Readonly<Record<string, string>>;
  /** Fixes the id of the API where the engine lets us, so that its address survives a restart. */
  readonly apiId?: string;
  /** The account and region of a stage that has no other; else those of the caller's credentials. */
  readonly place?: { readonly account: string; readonly region: string };
}

export const stages: Readonly<Record<Stage, StageConfig>> = {
  local: {
    numbers: {
      retryDelayRatio: 0.02,
      sweepAfterMs: 3_000,
      // An engine on two cores is slow under load, which says nothing of its health.
      limitsTimeoutMs: 2_000,
      tracing: false,
      faults: true,
    },
    throwaway: true,
    // Nobody at a laptop waits a minute and a half for the message of a worker that crashed.
    visibilityFactor: 1,
    // Nor until a stream has given up: an engine's pauses between tries are those of AWS.
    streamRetries: 2,
    simulations: true,
    demoTenants: true,
    reservedConcurrency: true,
    omissions: localOmissions,
    apiId: 'holdfast',
    place: { account: '000000000000', region: 'us-east-1' },
  },
  sandbox: {
    numbers: {
      retryDelayRatio: 1,
      sweepAfterMs: 60_000,
      limitsTimeoutMs: 250,
      tracing: true,
      faults: true,
    },
    throwaway: true,
    // As AWS advises: a batch that Lambda throttles and tries again stays hidden meanwhile.
    visibilityFactor: 6,
    streamRetries: 10,
    simulations: true,
    demoTenants: true,
    omissions: {},
  },
};

/**
 * The row of a stage with what was said on deploy, which goes before the row.
 *
 * @throws RangeError for an option that cannot be, or that the stage cannot have.
 */
export function configOf(stage: Stage, said: Contexts): StageConfig {
  const options = readStageOptions(said);
  const [stray] = Object.keys(options);
  if (stage === 'local' && stray)
    throw new RangeError(`stage local takes no options: '${stray}' is for a stage in an account`);
  const config = { ...stages[stage], ...options };
  checkStageOptions(config);
  return config;
}

/** @throws RangeError that says how to name a stage. There is no default: a guess could deploy. */
export function toStage(named: unknown): Stage {
  if (typeof named === 'string' && Object.hasOwn(stages, named)) return named as Stage;
  const choices = Object.keys(stages).map((stage) => `-c stage=${stage}`);
  throw new RangeError(
    `${named === undefined ? 'No stage is named' : `There is no stage '${named}'`}: say ${choices.join(' or ')}.`,
  );
}
