/** What is measured, written down and noticed without being asked, and what happens by the clock. */
import type { Probe } from '../probe.ts';
import type { CapabilityOf } from '../table.ts';
import { alarmProbes } from './signals-alarms.ts';
import { logProbes } from './signals-logs.ts';
import { metricProbes } from './signals-metrics.ts';

const schedule: Probe = async (lab) => {
  const notebook = await lab.createNotebook();
  const { arn, name } = await lab.deployFunction({
    code: `export const handler = async ({ 'detail-type': type }) => { await note(type); };`,
    hint: 'scheduled',
    notebook,
  });
  await lab.deployStack({
    hint: 'schedule',
    resources: {
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          ScheduleExpression: 'rate(1 minute)',
          Targets: [{ Id: 'function', Arn: arn }],
        },
      },
      MayCall: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: name,
          Action: 'lambda:InvokeFunction',
          Principal: 'events.amazonaws.com',
          SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
        },
      },
    },
  });
  const startedAtMs = performance.now();
  const first = await lab.eventually(async () => (await notebook.read<string>())[0]?.value, {
    withinMs: 75_000,
    everyMs: 500,
  });
  return {
    does: first === 'Scheduled Event',
    saw: first
      ? `started by a ${first} after ${Math.round((performance.now() - startedAtMs) / 1_000)} s`
      : 'not started within 75 s',
  };
};

export const signalProbes = {
  schedule,
  ...metricProbes,
  ...alarmProbes,
  ...logProbes,
} satisfies Record<CapabilityOf<'signals'>, Probe>;
