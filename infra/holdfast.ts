/** The whole of a stage: three stacks in one app, and a fourth where it has backups. */
import { type App, Aspects, type Stack } from 'aws-cdk-lib/core';
import { omitting } from './local-omissions.ts';
import type { HoldfastProps } from './props.ts';
import { ObservabilityStack } from './stacks/observability.ts';
import { RecoveryStack } from './stacks/recovery.ts';
import { ServiceStack } from './stacks/service.ts';
import { StateStack } from './stacks/state.ts';

export interface Stacks {
  readonly state: Stack;
  readonly service: Stack;
  readonly observability: Stack;
  readonly recovery?: Stack;
}

/** How the CDK behaves for us. Said in code, so that a test synthesises what a deploy does. */
export const appProps = {
  analyticsReporting: false,
  treeMetadata: false,
  context: {
    // Statements of one role that say the same of several things become one.
    '@aws-cdk/aws-iam:minimizePolicies': true,
    // The order of keys in a plan does not decide their logical ids.
    '@aws-cdk/aws-apigateway:usagePlanKeyOrderInsensitiveId': true,
    // What another stack uses cannot be taken away under it.
    '@aws-cdk/core:defaultCrossStackReferences': 'strong',
    // What CloudFormation would refuse fails here.
    '@aws-cdk/core:validateAgainstDefaultRules': true,
  },
} as const;

export function addStacks(app: App, props: HoldfastProps): Stacks {
  const state = new StateStack(app, props);
  const stacks = {
    state,
    service: new ServiceStack(app, { ...props, state }),
    observability: new ObservabilityStack(app, props),
    ...(props.config.backups && { recovery: new RecoveryStack(app, props) }),
  };
  Aspects.of(app).add(omitting(props.config.omissions));
  return stacks;
}
