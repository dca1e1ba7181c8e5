/** What tells people: alarms, the topics they speak to, the dashboard, the budget. */
import { Dashboard, GraphWidget, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Duration, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { resourceName } from '#functions/tables/names.ts';
import { alarms, type Severity } from '../alarms.ts';
import { AlarmSet } from '../constructs/alarm-set.ts';
import { MonthlyBudget } from '../constructs/monthly-budget.ts';
import { dashboard, type GraphRow } from '../dashboard.ts';
import { type HoldfastProps, stackProps } from '../props.ts';
import { watched } from '../watched.ts';
import { functionsOf } from './service.ts';

export class ObservabilityStack extends Stack {
  constructor(scope: Construct, props: HoldfastProps) {
    super(scope, 'Observability', stackProps('observability', props));
    const { stage, config } = props;
    const functions = functionsOf(config);
    new AlarmSet(this, 'alarms', {
      stage,
      functions,
      alarms,
      actions: {
        page: new SnsAction(this.topic('page', props)),
        ticket: new SnsAction(this.topic('ticket', props)),
      },
    });

    const graph = ({ title, of, lines }: GraphRow) =>
      new GraphWidget({
        title,
        width: 8,
        left: watched(of, stage, functions).flatMap(({ label, namespace, dimensions }) =>
          lines.map(
            ({ metric, statistic }) =>
              new Metric({
                namespace,
                metricName: metric,
                dimensionsMap: { ...dimensions },
                statistic,
                period: Duration.minutes(1),
                label: lines.length > 1 ? `${label} ${metric} ${statistic}` : label,
              }),
          ),
        ),
      });
    new Dashboard(this, 'dashboard', {
      dashboardName: resourceName(stage, 'service'),
      widgets: rowsOfThree(dashboard.map(graph)),
    });
    if (config.budget) new MonthlyBudget(this, 'budget', config.budget);
  }

  /** Not encrypted by a key: CloudWatch cannot publish through the one that AWS manages, and what
   *  is said is in the alarm's name already. */
  private topic(severity: Severity, { stage, config }: HoldfastProps): Topic {
    const topic = new Topic(this, severity, {
      topicName: resourceName(stage, `alarms-${severity}`),
      enforceSSL: true,
    });
    // A policy of our own replaces the one that would have let the account's alarms in.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    for (const listener of config.alarms?.[severity] ?? [])
      topic.addSubscription(
        listener.startsWith('https:')
          ? new UrlSubscription(listener)
          : new EmailSubscription(listener),
      );
    return topic;
  }
}

const rowsOfThree = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / 3) }, (_, row) => all.slice(3 * row, 3 * row + 3));
