/**
 * The CloudFormation types that stage `local` leaves out, because its engine refuses a whole stack
 * that has one. The one difference in kind between the stages; a test compares the templates.
 */
import { CfnResource, type IAspect } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

export const localOmissions = {
  'AWS::SecretsManager::RotationSchedule':
    'MiniStack has no rotation; whoever asks for one names the function (ops/secrets.ts).',
} as const satisfies Readonly<Record<string, string>>;

/** Takes the resources of these types out of the tree before it is synthesised. */
export const omitting = (omissions: Readonly<Record<string, string>>): IAspect => ({
  visit(node: IConstruct) {
    if (CfnResource.isCfnResource(node) && node.cfnResourceType in omissions)
      node.node.scope?.node.tryRemoveChild(node.node.id);
  },
});
