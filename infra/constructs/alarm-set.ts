/** One CloudWatch alarm for each row and each thing that it watches. */
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { FunctionName } from '#functions/tables/functions.ts';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import type { AlarmRow, Severity } from '../alarms.ts';
import { type Watched, watched } from '../watched.ts';

export interface AlarmSetProps {
  readonly stage: Stage;
  readonly functions: readonly FunctionName[];
  readonly alarms: Readonly<Record<string, AlarmRow>>;
  /** Where each severity goes. An alarm that nobody hears is not built: both are required. */
  readonly actions: Readonly<Record<Severity, IAlarmAction>>;
}

export class AlarmSet extends Construct {
  constructor(scope: Construct, id: string, { stage, functions, alarms, actions }: AlarmSetProps) {
    super(scope, id);
    for (const [key, row] of Object.entries(alarms))
      for (const thing of watched(row.watches, stage, functions)) {
        const name = `${key}-${thing.label}`;
        const alarm = new Alarm(this, name, {
          alarmName: resourceName(stage, name),
          alarmDescription: `${row.means} What to do: docs/runbooks/${key}.md`,
          metric: new Metric({
            namespace: thing.namespace,
            metricName: row.metric,
            dimensionsMap: { ...thing.dimensions },
            statistic: row.statistic,
            period: Duration.millis(row.periodMs),
          }),
          evaluationPeriods: row.periods,
          ...comparison(row, thing),
        });
        alarm.addAlarmAction(actions[row.severity]);
        alarm.addOkAction(actions[row.severity]);
      }
  }
}

/** A service without traffic is quiet, not broken; what should run by itself is broken when quiet. */
function comparison({ limit }: AlarmRow, { label, queue }: Watched) {
  if ('below' in limit)
    return {
      threshold: limit.below,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    };
  const { above } = limit;
  if (typeof above === 'function' && !queue)
    throw new RangeError(`the limit of an alarm on '${label}' wants a queue`);
  return {
    threshold: typeof above === 'function' && queue ? above(queue) : Number(above),
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  };
}
