/** Which metrics there are without anybody having put their data. */
import {
  CloudWatchServiceException,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  type GetMetricStatisticsCommandInput,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteMetricFilterCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  PutMetricFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { functionLog } from '../lab/function-log.ts';
import { mapEvents } from '../lab/mapping.ts';
import { sendMessages } from '../lab/messages.ts';
import type { Lab } from '../lab.ts';
import type { Finding, Probe } from '../probe.ts';
import { unlessRefused } from '../refusal.ts';

type Metric = Pick<GetMetricStatisticsCommandInput, 'Namespace' | 'MetricName' | 'Dimensions'>;

/** The sum of a metric's data, when it has reached what is expected or time is over. */
async function sumOf(
  lab: Lab,
  metric: Metric,
  { expected, withinMs }: { readonly expected: number; readonly withinMs: number },
): Promise<number> {
  let sum = 0;
  await lab.eventually(
    async () => {
      const { Datapoints = [] } = await lab.clients.cloudWatch.send(
        new GetMetricStatisticsCommand({
          ...metric,
          ...lastMinutes(),
          Period: 60,
          Statistics: ['Sum'],
        }),
      );
      sum = Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
      return sum >= expected;
    },
    { withinMs, everyMs: 500 },
  );
  return sum;
}

const lastMinutes = () => ({
  StartTime: new Date(Date.now() - 10 * 60_000),
  EndTime: new Date(Date.now() + 60_000),
});

/** What an engine that does it at all needs for it. */
const withinMs = 6_000;

async function countsTo(lab: Lab, metric: Metric, expected: number): Promise<Finding> {
  const sum = await sumOf(lab, metric, { expected, withinMs });
  return { does: sum === expected, saw: `a sum of ${sum}, ${expected} expected` };
}

const emfMetrics: Probe = async (lab) => {
  const namespace = lab.name('namespace');
  const line = {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [['stage']],
          Metrics: [{ Name: 'Orders', Unit: 'Count' }],
        },
      ],
    },
    stage: 'probe',
    Orders: 3,
  };
  const { name } = await lab.deployFunction({
    code: `export const handler = async () => { process.stdout.write(${JSON.stringify(`${JSON.stringify(line)}\n`)}); };`,
    hint: 'emf',
  });
  const logGroupName = await functionLog(lab, name);
  await lab.invoke({ functionName: name });
  await lab.must(
    'the line is in the log',
    async () => {
      const { events = [] } = await lab.clients.logs.send(
        new FilterLogEventsCommand({ logGroupName }),
      );
      return events.some(({ message }) => message?.includes(namespace));
    },
    { withinMs: 30_000, everyMs: 300 },
  );
  const metric = {
    Namespace: namespace,
    MetricName: 'Orders',
    Dimensions: [{ Name: 'stage', Value: 'probe' }],
  };
  return countsTo(lab, metric, line.Orders);
};

const metricFilter: Probe = async (lab) => {
  const { logs } = lab.clients;
  const metric = { Namespace: lab.name('namespace'), MetricName: 'Matches' };
  const logStreamName = 'stream';
  const [watched, other] = [lab.name('log'), lab.name('log')];
  for (const logGroupName of [watched, other]) {
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    lab.later(() => logs.send(new DeleteLogGroupCommand({ logGroupName })));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  }
  const filter = { logGroupName: watched, filterName: 'matches' };
  return unlessRefused(async () => {
    await logs.send(
      new PutMetricFilterCommand({
        ...filter,
        filterPattern: '"given up"',
        metricTransformations: [
          {
            metricNamespace: metric.Namespace,
            metricName: metric.MetricName,
            metricValue: '1',
          },
        ],
      }),
    );
    // An engine that forgets to remove it with its log group would go on counting every line.
    lab.later(() => logs.send(new DeleteMetricFilterCommand(filter)));
    const lines = ['one is given up', 'another is done', 'a third is given up'];
    for (const logGroupName of [other, watched])
      await logs.send(
        new PutLogEventsCommand({
          logGroupName,
          logStreamName,
          logEvents: lines.map((message) => ({ message, timestamp: Date.now() })),
        }),
      );
    return countsTo(lab, metric, 2);
  });
};

const functionMetrics: Probe = async (lab) => {
  const queue = await lab.createQueue({ visibilityMs: 10_000 });
  const notebook = await lab.createNotebook();
  const to = await lab.deployFunction({
    code: `export const handler = async () => { await note('called'); };`,
    hint: 'counted',
    notebook,
  });
  await mapEvents(lab, { from: queue.arn, to, settings: { BatchSize: 1 } });
  await sendMessages(lab, queue, ['a message', 'another']);
  await lab.must('the function is called twice', async () => (await notebook.read()).length > 1, {
    withinMs: 20_000,
  });
  const metric = {
    Namespace: 'AWS/Lambda',
    MetricName: 'Invocations',
    Dimensions: [{ Name: 'FunctionName', Value: to.name }],
  };
  return countsTo(lab, metric, 2);
};

/** AWS writes them once a minute. */
const queueMetricsWithinMs = 65_000;

const queueMetric =
  (MetricName: string): Probe =>
  async (lab) => {
    const queue = await lab.createQueue();
    await sendMessages(lab, queue, ['a message', 'another']);
    const metric = {
      Namespace: 'AWS/SQS',
      MetricName,
      Dimensions: [{ Name: 'QueueName', Value: queue.arn.split(':').at(-1) ?? '' }],
    };
    const sum = await sumOf(lab, metric, { expected: 1, withinMs: queueMetricsWithinMs });
    return { does: sum > 0, saw: sum > 0 ? `${sum}` : 'no data' };
  };

const metricPercentiles: Probe = async (lab) => {
  const metric = { Namespace: lab.name('namespace'), MetricName: 'Latency' };
  await lab.clients.cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: metric.Namespace,
      MetricData: Array.from({ length: 100 }, (_, index) => ({
        MetricName: metric.MetricName,
        Value: index + 1,
        Unit: 'Milliseconds' as const,
      })),
    }),
  );
  const look = async () => {
    const { MetricDataResults = [] } = await lab.clients.cloudWatch.send(
      new GetMetricDataCommand({
        ...lastMinutes(),
        MetricDataQueries: [
          { Id: 'latency', MetricStat: { Metric: metric, Period: 3_600, Stat: 'p95' } },
        ],
      }),
    );
    return MetricDataResults[0]?.Values?.[0];
  };
  try {
    const p95 = await lab.eventually(look, { withinMs, everyMs: 500 });
    return {
      does: p95 !== undefined && p95 >= 94 && p95 <= 96,
      saw: p95 === undefined ? 'no p95' : `${p95} as the p95 of 1 to 100`,
    };
  } catch (fault) {
    // Not a passing one: the same question with `Average` is answered.
    if (!(fault instanceof CloudWatchServiceException && fault.$fault === 'server')) throw fault;
    return { does: false, saw: `an error of the engine: ${fault.message}` };
  }
};

export const metricProbes = {
  'queue-metrics': queueMetric('ApproximateNumberOfMessagesVisible'),
  'queue-age-metric': queueMetric('ApproximateAgeOfOldestMessage'),
  'emf-metrics': emfMetrics,
  'metric-filter': metricFilter,
  'function-metrics': functionMetrics,
  'metric-percentiles': metricPercentiles,
};
