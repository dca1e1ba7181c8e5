/** What a stage costs in a month in which nobody calls, counted in its templates. */
import { type FunctionRow, functions } from '#functions/tables/functions.ts';
import { assumed, hoursAMonth, minutesAMonth } from './assumed.ts';
import { measured } from './measured.ts';
import { type Cost, costOf } from './prices.ts';

interface Resource {
  readonly Type: string;
  readonly Properties?: unknown;
}

/** As much of a template as is counted. */
export interface CountedTemplate {
  readonly Resources?: Readonly<Record<string, Resource>>;
}

export function idleCost(templates: readonly CountedTemplate[]): Cost {
  const resources = templates.flatMap(({ Resources = {} }) => Object.values(Resources));
  const all = <T>(type: string): readonly T[] =>
    resources.filter(({ Type }) => Type === type).map(({ Properties }) => (Properties ?? {}) as T);
  const runs = scheduledRuns(all<Rule>('AWS::Events::Rule'));
  const polled = all<Mapping>('AWS::Lambda::EventSourceMapping').filter(
    ({ ScalingConfig }) => ScalingConfig,
  ).length;
  const alarms = all<Alarm>('AWS::CloudWatch::Alarm').map(metricsOf);
  const acls = all<{ readonly Rules?: readonly unknown[] }>('AWS::WAFv2::WebACL');
  const runsOfAll = sum(runs.map(({ count }) => count));
  const units = (of: 'writeUnits' | 'readUnits'): number =>
    sum(runs.map(({ name, count }) => count * perRun(name)[of]));

  return costOf(
    [
      { price: 'alarm', count: sum(alarms), because: 'in the templates' },
      {
        price: 'dashboard',
        count: all('AWS::CloudWatch::Dashboard').length,
        because: 'in the templates',
      },
      {
        price: 'secret',
        count: all('AWS::SecretsManager::Secret').length,
        because: 'in the templates',
      },
      {
        price: 'queueCall',
        count: polled * assumed.pollers * assumed.pollsAMinute * minutesAMonth,
        because: `Lambda asks ${polled} empty queues, ${assumed.pollers} times at once, ${assumed.pollsAMinute} times a minute`,
      },
      {
        price: 'metric',
        count: assumed.idleMetrics.length,
        because: `what is counted at every run: ${assumed.idleMetrics.join(', ')}`,
      },
      { price: 'invocation', count: runsOfAll, because: `${runs.length} functions, once a minute` },
      {
        price: 'gbSecond',
        count: sum(
          runs.map(({ name, count }) => (count * memoryGb(name) * assumed.idleRunMs) / 1_000),
        ),
        because: `${assumed.idleRunMs} ms a run, assumed`,
      },
      { price: 'trace', count: runsOfAll, because: 'one a run' },
      {
        price: 'writeUnit',
        count: units('writeUnits'),
        because: 'measured: leases on shards of lists',
      },
      {
        price: 'readUnit',
        count: units('readUnits'),
        because: 'measured: lists and the outbox, looked through',
      },
      {
        price: 'keyCall',
        count: assumed.idleKeyUsers * assumed.keyCallsAnHour * hoursAMonth,
        because: `${assumed.idleKeyUsers} pairs of function and table, once in 5 minutes each`,
      },
      {
        price: 'logsTaken',
        count: (runsOfAll * assumed.logBytesAnInvocation) / 1e9,
        because: `${assumed.logBytesAnInvocation} bytes a run, assumed`,
      },
      { price: 'webAcl', count: acls.length, because: 'in the templates' },
      {
        price: 'webRule',
        count: sum(acls.map(({ Rules = [] }) => Rules.length)),
        because: 'in them',
      },
    ].filter(({ count }) => count > 0) as Cost['lines'],
  );
}

interface Rule {
  readonly Name?: string;
  readonly ScheduleExpression?: string;
}

interface Mapping {
  /** Of queues only. */
  readonly ScalingConfig?: unknown;
}

interface Alarm {
  readonly Metrics?: readonly { readonly MetricStat?: unknown }[];
}

/** An alarm on an expression is billed for each metric in it. */
const metricsOf = ({ Metrics }: Alarm): number =>
  Metrics ? Metrics.filter(({ MetricStat }) => MetricStat).length : 1;

/** How often each scheduled function runs in a month. @throws RangeError for a schedule of another kind. */
const scheduledRuns = (rules: readonly Rule[]) =>
  rules.map(({ Name = '', ScheduleExpression = '' }) => {
    const [, every] = /^rate\((\d+) minutes?\)$/.exec(ScheduleExpression) ?? [];
    if (!every)
      throw new RangeError(`the schedule of ${Name} cannot be counted: ${ScheduleExpression}`);
    return { name: functionOf(Name), count: minutesAMonth / Number(every) };
  });

/** A rule has the name of its function. */
function functionOf(rule: string): string {
  const name = Object.keys(functions).find((one) => rule.endsWith(`-${one}`));
  if (!name) throw new RangeError(`rule ${rule} is of no function`);
  return name;
}

function perRun(name: string) {
  const row = measured('idle run').find((one) => one.function === name);
  if (!row) throw new RangeError(`what an idle run of ${name} asks was not measured`);
  return row;
}

const memoryGb = (name: string): number =>
  ((functions as Readonly<Record<string, FunctionRow>>)[name]?.memoryMb ?? 0) / 1_024;

const sum = (counts: readonly number[]): number => counts.reduce((total, one) => total + one, 0);
