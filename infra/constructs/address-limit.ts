/**
 * Turns away an address that calls too often, before any of its calls costs a function. Off unless
 * asked for: it bills by the month, and the plans and limits hold callers that have a key.
 */
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { resourceName, type Stage } from '#functions/tables/names.ts';

export interface AddressLimitProps {
  readonly stage: Stage;
  /** In five minutes. */
  readonly calls: number;
  /** Of the stage of the API. */
  readonly stageArn: string;
}

export class AddressLimit extends Construct {
  constructor(scope: Construct, id: string, { stage, calls, stageArn }: AddressLimitProps) {
    super(scope, id);
    const visible = (name: string) => ({
      metricName: resourceName(stage, name),
      cloudWatchMetricsEnabled: true,
      // A sample is a whole request, and would show its caller's token.
      sampledRequestsEnabled: false,
    });
    const acl = new CfnWebACL(this, 'acl', {
      name: resourceName(stage, 'api'),
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visible('calls'),
      rules: [
        {
          name: 'address-limit',
          priority: 0,
          action: { block: {} },
          statement: {
            rateBasedStatement: { aggregateKeyType: 'IP', evaluationWindowSec: 300, limit: calls },
          },
          visibilityConfig: visible('address-limit'),
        },
      ],
    });
    new CfnWebACLAssociation(this, 'association', {
      resourceArn: stageArn,
      webAclArn: acl.attrArn,
    });
  }
}
