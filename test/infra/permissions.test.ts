/** What each function may do, word for word, against its row. */
import { describe, expect, it } from 'vitest';
import { type FunctionName, type FunctionRow, functions } from '#functions/tables/functions.ts';
import { deadLetterName, logGroupName, resourceName, type Stage } from '#functions/tables/names.ts';
import { queues } from '#functions/tables/queues.ts';
import { type TableRow, tables } from '#functions/tables/tables.ts';
import { stages } from '#infra/config.ts';
import { allowances, ofType, target } from './rules.ts';
import { templatesOf } from './templates.ts';

/** A resource of a policy by the name of the deployed thing, across stacks: `holdfast-local-domain/index/lists`. */
function nameOf(resource: unknown, stage: Stage): string {
  if (typeof resource === 'string') return resource;
  const { state, service } = templatesOf(stage);
  const { 'Fn::ImportValue': imported, 'Fn::Join': joined } = resource as {
    'Fn::ImportValue'?: string;
    'Fn::Join'?: [string, unknown[]];
  };
  if (joined) return joined[1].map((part) => nameOf(part, stage)).join('');
  const output = Object.values(state.Outputs ?? {}).find((o) => o.Export?.Name === imported);
  const value = imported === undefined ? resource : output?.Value;
  const template = imported === undefined ? service : state;
  const properties = template.Resources[target(value) ?? '']?.Properties ?? {};
  const attribute = (value as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt']?.[1];
  const name =
    properties.TableName ??
    properties.QueueName ??
    properties.FunctionName ??
    properties.LogGroupName ??
    properties.Name;
  return attribute === 'StreamArn' ? `${name}/stream` : name;
}

function allowed(name: FunctionName, stage: Stage): string[] {
  const { service } = templatesOf(stage);
  const its = ofType(service, 'AWS::Lambda::Function').find(
    (f) => f.properties.FunctionName === resourceName(stage, name),
  );
  const role = target(its?.properties.Role);
  const policies = ofType(service, 'AWS::IAM::Policy')
    .filter(({ properties }) => properties.Roles.some((r: unknown) => target(r) === role))
    .map(({ id }) => id);
  return allowances(service)
    .filter(({ id }) => policies.includes(id))
    .flatMap(({ actions, resources }) =>
      resources.flatMap((r) => actions.map((action) => `${action} on ${nameOf(r, stage)}`)),
    );
}

const receiving = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
];

function wanted(name: FunctionName, stage: Stage): string[] {
  const row: FunctionRow = functions[name];
  const its = (n: string) => resourceName(stage, n);
  const on = (thing: string, actions: readonly string[]) => actions.map((a) => `${a} on ${thing}`);
  return [
    ...on(logGroupName(stage, name), ['logs:CreateLogStream', 'logs:PutLogEvents']),
    ...(stages[stage].numbers.tracing
      ? on('*', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'])
      : []),
    ...Object.entries(row.tables ?? {}).flatMap(([table, actions]) => [
      ...on(
        its(table),
        actions.map((action) => `dynamodb:${action}`),
      ),
      ...(actions.includes('Query')
        ? Object.keys((tables as Record<string, TableRow>)[table]?.indexes ?? {}).map(
            (index) => `dynamodb:Query on ${its(table)}/index/${index}`,
          )
        : []),
    ]),
    ...(row.sendsTo ?? []).map((queue) => `sqs:SendMessage on ${its(queue)}`),
    ...(row.watches ?? []).map((queue) => `sqs:GetQueueAttributes on ${its(queue)}`),
    ...(row.buries ?? []).map((queue) => `sqs:SendMessage on ${deadLetterName(stage, queue)}`),
    ...(row.secrets ?? []).map((secret) => `secretsmanager:GetSecretValue on ${its(secret)}`),
    ...(row.invokes ?? []).map((other) => `lambda:InvokeFunction on ${its(other)}`),
    ...(row.trigger.by === 'queue' ? on(its(row.trigger.queue), receiving) : []),
    ...(row.trigger.by === 'dead-letters'
      ? Object.keys(queues).flatMap((queue) => on(deadLetterName(stage, queue), receiving))
      : []),
    ...(row.trigger.by === 'stream'
      ? [
          'dynamodb:ListStreams on *',
          ...on(`${its(row.trigger.table)}/stream`, [
            'dynamodb:DescribeStream',
            'dynamodb:GetRecords',
            'dynamodb:GetShardIterator',
          ]),
        ]
      : []),
  ];
}

describe.each(Object.keys(stages) as Stage[])('in stage %s', (stage) => {
  it.each(Object.keys(functions) as FunctionName[])(
    '%s may do what its row says and its trigger needs, and nothing else',
    (name) => {
      expect(allowed(name, stage).sort()).toEqual(wanted(name, stage).sort());
    },
  );
});
