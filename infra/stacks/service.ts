/** What runs: functions and what starts them, queues, the API with its plans and keys. */
import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { toEnvironment } from '#functions/env.ts';
import { type FunctionName, type FunctionRow, functions } from '#functions/tables/functions.ts';
import { resourceName } from '#functions/tables/names.ts';
import { type QueueName, queues } from '#functions/tables/queues.ts';
import { type RouteRow, routes } from '#functions/tables/routes.ts';
import type { StageConfig } from '../config.ts';
import { AddressLimit } from '../constructs/address-limit.ts';
import { ApiDomain } from '../constructs/api-domain.ts';
import { permit } from '../constructs/permissions.ts';
import { QueuePair } from '../constructs/queue-pair.ts';
import { ServiceApi } from '../constructs/service-api.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { trigger } from '../constructs/triggers.ts';
import { UsagePlans } from '../constructs/usage-plans.ts';
import { type HoldfastProps, stackProps } from '../props.ts';
import type { StateStack } from './state.ts';

export interface ServiceProps extends HoldfastProps {
  readonly state: StateStack;
}

export class ServiceStack extends Stack {
  constructor(scope: Construct, { state, ...props }: ServiceProps) {
    super(scope, 'Service', stackProps('service', props));
    const { stage, config } = props;

    const pairs = {} as Record<QueueName, QueuePair>;
    for (const name of Object.keys(queues) as QueueName[])
      pairs[name] = new QueuePair(this, {
        ...props,
        name,
        workerTimeoutMs: workerTimeoutMs(name),
        parkerTimeoutMs: functions.parker.timeoutMs,
      });

    const deployed = {} as Record<FunctionName, ServiceFunction>;
    for (const name of functionsOf(config))
      deployed[name] = new ServiceFunction(this, {
        ...props,
        name,
        environment: toEnvironment(name, {
          stage,
          numbers: config.numbers,
          tableName: (table) => resourceName(stage, table),
          secretId: (secret) => resourceName(stage, secret),
          functionName: (other) => resourceName(stage, other),
          queueUrl: (queue) => pairs[queue].queue.queueUrl,
          deadLetterUrl: (queue) => pairs[queue].deadLetters.queueUrl,
        }),
      });

    const things = { stage, config, tables: state.tables, secrets: state.secrets, queues: pairs };
    for (const [name, target] of Object.entries(deployed) as [FunctionName, ServiceFunction][]) {
      permit(target, { ...things, functions: deployed });
      trigger(name, target, things);
    }

    const api = new ServiceApi(this, { ...props, functions: deployed });
    new UsagePlans(this, 'plans', { ...props, api });
    if (config.wafRate !== undefined)
      new AddressLimit(this, 'address-limit', {
        stage,
        calls: config.wafRate,
        stageArn: api.deploymentStage.stageArn,
      });
    const domain = config.domain && new ApiDomain(this, 'domain', { ...config.domain, api });
    // In a hosted zone of ours the name points there already.
    if (domain && !config.domain?.hostedZoneId)
      new CfnOutput(this, 'DomainTarget', { value: domain.target });
    new CfnOutput(this, 'ApiUrl', { value: domain?.url ?? api.url });
    new CfnOutput(this, 'ApiId', { value: api.restApiId });
  }
}

/** The functions of a stage: all, but for those of routes that it does not have. */
export const functionsOf = ({ simulations }: Pick<StageConfig, 'simulations'>): FunctionName[] =>
  (Object.keys(functions) as FunctionName[]).filter((name) => {
    const route: RouteRow | undefined = (routes as Record<string, RouteRow>)[name];
    return simulations || !route?.sandboxOnly;
  });

function workerTimeoutMs(queue: QueueName): number {
  const rows: readonly FunctionRow[] = Object.values(functions);
  const worker = rows.find(({ trigger: t }) => t.by === 'queue' && t.queue === queue);
  if (!worker) throw new RangeError(`queue '${queue}' has no worker`);
  return worker.timeoutMs;
}
