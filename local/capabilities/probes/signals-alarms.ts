/** Which alarms sound, and who hears them. */
import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { takeMessage } from '../lab/messages.ts';
import type { Lab } from '../lab.ts';
import type { Probe } from '../probe.ts';
import { unlessRefused } from '../refusal.ts';

/** The shortest period of an alarm on data of this resolution. */
const periodSeconds = 10;
const Dimensions = (tenant: string) => [{ Name: 'tenant', Value: tenant }];

/** An alarm that is gone with its probe. @returns its name. */
async function putAlarm(
  { clients: { cloudWatch }, name, later }: Lab,
  alarm: Omit<PutMetricAlarmCommandInput, 'AlarmName' | 'EvaluationPeriods' | 'ComparisonOperator'>,
): Promise<string> {
  const AlarmName = name('alarm');
  later(() => cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] })));
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      ...alarm,
      AlarmName,
    }),
  );
  return AlarmName;
}

async function stateOf(
  { clients: { cloudWatch } }: Lab,
  alarmName: string,
): Promise<StateValue | undefined> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({
      AlarmNames: [alarmName],
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    }),
  );
  return [...MetricAlarms, ...CompositeAlarms][0]?.StateValue;
}

/** What two alarms come to, of which the data breach the first. They go on until it sounds. */
async function soundsAlone(
  lab: Lab,
  [breached, kept]: readonly [string, string],
  putData: () => Promise<unknown>,
) {
  let dataAtMs = Number.NEGATIVE_INFINITY;
  const sounds = await lab.eventually(
    async () => {
      // In every period, and not at every look.
      if (performance.now() - dataAtMs > 3_000) {
        await putData();
        dataAtMs = performance.now();
      }
      return (await stateOf(lab, breached)) === 'ALARM';
    },
    { withinMs: 3 * periodSeconds * 1_000, everyMs: 500 },
  );
  const other = await stateOf(lab, kept);
  return {
    does: sounds === true && other !== 'ALARM',
    saw: `${sounds ? 'sounds' : 'silent'} when breached, ${other} beside data that do not`,
  };
}

const alarm: Probe = async (lab) => {
  const metric = { Namespace: lab.name('namespace'), MetricName: 'Errors' };
  const alarmOf = (tenant: string) =>
    putAlarm(lab, {
      ...metric,
      Dimensions: Dimensions(tenant),
      Statistic: 'Maximum',
      Period: periodSeconds,
      Threshold: 5,
    });
  const alarms = [await alarmOf('loud'), await alarmOf('calm')] as const;
  const datum = (tenant: string, Value: number) => ({
    MetricName: metric.MetricName,
    Dimensions: Dimensions(tenant),
    Value,
    StorageResolution: 1,
  });
  return soundsAlone(lab, alarms, () =>
    lab.clients.cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: metric.Namespace,
        MetricData: [datum('loud', 10), datum('calm', 1)],
      }),
    ),
  );
};

const alarmMath: Probe = async (lab) => {
  const Namespace = lab.name('namespace');
  const ofMetric = (Id: string, MetricName: string) => ({
    Id,
    ReturnData: false,
    MetricStat: { Metric: { Namespace, MetricName }, Period: periodSeconds, Stat: 'Sum' },
  });
  const alarmAbove = (Threshold: number) =>
    putAlarm(lab, {
      Threshold,
      Metrics: [
        ofMetric('failed', 'Failed'),
        ofMetric('calls', 'Calls'),
        { Id: 'percent', Expression: '100 * failed / calls', ReturnData: true },
      ],
    });
  return unlessRefused(async () => {
    const alarms = [await alarmAbove(50), await alarmAbove(90)] as const;
    return soundsAlone(lab, alarms, () =>
      lab.clients.cloudWatch.send(
        new PutMetricDataCommand({
          Namespace,
          MetricData: [
            { MetricName: 'Failed', Value: 8, StorageResolution: 1 },
            { MetricName: 'Calls', Value: 10, StorageResolution: 1 },
          ],
        }),
      ),
    );
  });
};

/** An alarm that nothing but SetAlarmState moves. */
const silentAlarm = (lab: Lab, actions: readonly string[] = []) =>
  putAlarm(lab, {
    Namespace: lab.name('namespace'),
    MetricName: 'Nothing',
    Statistic: 'Sum',
    Period: 60,
    Threshold: 1,
    TreatMissingData: 'ignore',
    AlarmActions: [...actions],
  });

const setState = ({ clients: { cloudWatch } }: Lab, AlarmName: string, StateValue: StateValue) =>
  cloudWatch.send(
    new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'asked for by a probe' }),
  );

const alarmComposite: Probe = async (lab) => {
  const part = await silentAlarm(lab);
  const whole = lab.name('alarm');
  const { cloudWatch } = lab.clients;
  return unlessRefused(async () => {
    lab.later(() => cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [whole] })));
    await cloudWatch.send(
      new PutCompositeAlarmCommand({ AlarmName: whole, AlarmRule: `ALARM("${part}")` }),
    );
    const follows = async (state: StateValue) => {
      await setState(lab, part, state);
      return lab.eventually(async () => (await stateOf(lab, whole)) === state, {
        withinMs: 8_000,
      });
    };
    const up = await follows('ALARM');
    const down = up && (await follows('OK'));
    return {
      does: up === true && down === true,
      saw: `${up ? 'sounds' : 'silent'} when its part sounds${up ? `, ${down ? 'ends' : 'does not end'} with it` : ''}`,
    };
  });
};

const alarmTopic: Probe = async (lab) => {
  const queue = await lab.createQueue({ hint: 'listener' });
  const topic = { Ref: 'Topic' };
  return unlessRefused(async () => {
    const stack = await lab.deployStack({
      hint: 'topic',
      resources: {
        Topic: { Type: 'AWS::SNS::Topic' },
        Listener: {
          Type: 'AWS::SNS::Subscription',
          Properties: { TopicArn: topic, Protocol: 'sqs', Endpoint: queue.arn },
        },
        MayWrite: {
          Type: 'AWS::SQS::QueuePolicy',
          Properties: {
            Queues: [queue.url],
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { Service: 'sns.amazonaws.com' },
                  Action: 'sqs:SendMessage',
                  Resource: queue.arn,
                  Condition: { ArnEquals: { 'aws:SourceArn': topic } },
                },
              ],
            },
          },
        },
      },
    });
    const name = await silentAlarm(lab, [stack.physicalId('Topic')]);
    await setState(lab, name, 'ALARM');
    const told = await takeMessage(lab, queue, { withinMs: 8_000 });
    return {
      does: told?.includes(name) === true,
      saw: told === undefined ? 'nothing told within 8 s' : 'told which alarm sounds',
    };
  });
};

export const alarmProbes = {
  alarm,
  'alarm-topic': alarmTopic,
  'alarm-math': alarmMath,
  'alarm-composite': alarmComposite,
};
