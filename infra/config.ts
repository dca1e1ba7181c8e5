/** What differs between the stages. Everything else is the same everywhere, on purpose. */
import type { StageNumbers } from '#functions/env.ts';
import type { Stage } from '#functions/tables/names.ts';
import { localOmissions } from './local-omissions.ts';

export interface StageConfig {
  /** What functions are told. */
  readonly numbers: StageNumbers;
  /** Data may go with the stacks: nothing is protected from deletion and nothing is retained. */
  readonly throwaway: boolean;
  /** A received message is hidden for so many times its worker's timeout. From 1. */
  readonly visibilityFactor: number;
  /** Routes that are `sandboxOnly` exist. */
  readonly simulations: boolean;
  /** Each demo tenant has an API key. */
  readonly demoTenants: boolean;
  /** Functions get the concurrency that their rows reserve. A new account has 10 in all and must
   *  leave as many unreserved, so an account has to allow it first. */
  readonly reservedConcurrency: boolean;
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
    simulations: true,
    demoTenants: true,
    reservedConcurrency: false,
    omissions: {},
  },
};

/** @throws RangeError that says how to name a stage. There is no default: a guess could deploy. */
export function toStage(named: unknown): Stage {
  if (typeof named === 'string' && Object.hasOwn(stages, named)) return named as Stage;
  const choices = Object.keys(stages).map((stage) => `-c stage=${stage}`);
  throw new RangeError(
    `${named === undefined ? 'No stage is named' : `There is no stage '${named}'`}: say ${choices.join(' or ')}.`,
  );
}
