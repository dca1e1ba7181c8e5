/** What every stack is told. */
import type { StackProps } from 'aws-cdk-lib/core';
import { type Stage, stackName } from '#functions/tables/names.ts';
import type { StageConfig } from './config.ts';

export interface HoldfastProps {
  readonly stage: Stage;
  readonly config: StageConfig;
  /** Folder with the code, by function name. */
  readonly code: Readonly<Record<string, string>>;
}

export const stackProps = (
  stack: 'state' | 'service' | 'observability' | 'recovery',
  { stage, config }: HoldfastProps,
): StackProps => ({
  stackName: stackName(stage, stack),
  description: `Holdfast, stage ${stage}: ${stack}.`,
  tags: { project: 'holdfast', stage },
  terminationProtection: !config.throwaway,
  ...(config.place && { env: config.place }),
});
