/** cdk-nag over every variant: nothing that is not accepted, and nothing accepted that is no more. */

import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import type { Stage } from '#functions/tables/names.ts';
import { acceptedByNag } from '#infra/accepted-findings.ts';
import { type Finding, stale, unaccepted, withoutReason } from './acceptance.ts';
import { variantOf, variants } from './templates.ts';

/** What the packs say of a tree. A rule that fails to judge counts as a finding too. */
const findingsIn = (app: App, stage: Stage): Finding[] =>
  [new AwsSolutionsChecks(app), new ServerlessChecks(app)]
    .flatMap((pack) => pack.validateScope(app).violations)
    .flatMap(({ ruleName: rule, violatingResources }) =>
      violatingResources.map(({ constructPath }) => ({ rule, stage, where: constructPath ?? '' })),
    );

describe('cdk-nag', () => {
  const found = Object.fromEntries(
    Object.entries(variants).map(([variant, { stage }]) => [
      variant,
      findingsIn(variantOf(variant).app, stage),
    ]),
  );

  it.each(Object.keys(variants))('has nothing against %s that is not accepted', (variant) => {
    expect(unaccepted(found[variant] ?? [], acceptedByNag)).toEqual([]);
  });

  it('still says all that is accepted', () => {
    expect(stale(Object.values(found).flat(), acceptedByNag)).toEqual([]);
  });

  it('is answered with a reason each time', () => {
    expect(withoutReason(acceptedByNag)).toEqual([]);
  });

  it('says nothing of a web ACL or of subscriptions but where the options are', () => {
    const rulesOf = (variant: string) => found[variant]?.map(({ rule }) => rule);
    expect(rulesOf('sandbox')).toContain('AwsSolutions-APIG3');
    expect(rulesOf('sandbox with every option')).not.toContain('AwsSolutions-APIG3');
  });

  it('would be heard of a queue that is open', () => {
    const app = new App();
    new Queue(new Stack(app, 'Bad'), 'open');
    expect(unaccepted(findingsIn(app, 'sandbox'), acceptedByNag)).toEqual([
      'AwsSolutions-SQS3 at Bad/open/Resource in stage sandbox',
      'AwsSolutions-SQS4 at Bad/open/Resource in stage sandbox',
      'Serverless-SQSRedrivePolicy at Bad/open/Resource in stage sandbox',
    ]);
  });
});
