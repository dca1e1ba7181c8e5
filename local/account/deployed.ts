/** What a person is told when a stage stands in their account. */
import { randomUUID } from 'node:crypto';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import { idleCost } from '#infra/cost/idle.ts';
import { firstCustomer, firstOrder } from '../first-order.ts';
import type { StackTemplate } from '../settle/deployed.ts';
import type { Place } from './reach.ts';

export interface DeployedStage {
  readonly stage: Stage;
  readonly place: Place;
  readonly templates: readonly StackTemplate[];
  /** Of all stacks, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly newKey?: () => string;
}

export function deployed({
  stage,
  place: { account, region },
  templates,
  outputs,
  newKey = randomUUID,
}: DeployedStage): string {
  const { ApiUrl = '', DomainTarget } = outputs;
  const api = ApiUrl.replace(/\/+$/, '');
  const { tenant, user, role } = firstCustomer;
  const { totalUsd } = idleCost(templates.map(({ template }) => template));
  const hasBudget = templates.some(({ template: { Resources = {} } }) =>
    Object.values(Resources).some(({ Type }) => Type === 'AWS::Budgets::Budget'),
  );
  const dashboard = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${resourceName(stage, 'service')}`;
  return `
Stage ${stage} is deployed, in account ${account}, region ${region}.

  API        ${api}${DomainTarget ? `\n  Domain     point its name at ${DomainTarget}` : ''}
  Dashboard  ${dashboard}
  Cost       about ${Math.round(totalUsd)} USD a month while nobody calls; what else: docs/costs.md${hasBudget ? '' : '\n  Budget     none; to have one, deploy again with --budget-usd and --budget-email besides'}

A first order:

  export AWS_REGION=${region}
  export API=${api}
  export KEY=$(npm run -s key -- --stage ${stage} --tenant ${tenant})
  export TOKEN=$(npm run -s token -- --stage ${stage} --tenant ${tenant} --user ${user} --role ${role})
  curl -si $API/orders -H "x-api-key: $KEY" -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -H 'idempotency-key: ${newKey()}' -d '${JSON.stringify(firstOrder)}'

Its way, and the service's log (a line takes some seconds to get there):

  npm run logs -- --stage ${stage} --request <the X-Request-Id of the answer>
  npm run logs -- --stage ${stage} --follow

Tests and load against it:

  HOLDFAST_API_URL=$API npm test -- --project e2e
  HOLDFAST_API_URL=$API npm run k6 -- orders --rate 2 --seconds 30

Take it down again, with all that it has stored:

  npm run destroy -- --stage ${stage}`;
}
