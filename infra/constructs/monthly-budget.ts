/** Tells by e-mail when the account is on its way to cost more than it may. AWS stops nothing by itself. */
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';
import type { Budget } from '../stage-options.ts';

/** AWS Budgets looks a few times a day, so the first of these must leave room. */
const warnings = [
  { notificationType: 'ACTUAL', threshold: 50 },
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'ACTUAL', threshold: 100 },
  { notificationType: 'FORECASTED', threshold: 100 },
] as const;

export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, { monthlyUsd, emails }: Budget) {
    super(scope, id);
    // Without a name: another address makes it anew, before the old one goes, and names are unique.
    new CfnBudget(this, 'budget', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyUsd, unit: 'USD' },
      },
      notificationsWithSubscribers: warnings.map((warning) => ({
        notification: {
          ...warning,
          comparisonOperator: 'GREATER_THAN',
          thresholdType: 'PERCENTAGE',
        },
        subscribers: emails.map((address) => ({ subscriptionType: 'EMAIL', address })),
      })),
    });
  }
}
