/** What each function may do, word for word, against its row; and the page that tells it to people. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type FunctionName, type FunctionRow, functions } from '#functions/tables/functions.ts';
import {
  deadLetterName,
  givenUpName,
  logGroupName,
  resourceName,
  type Stage,
} from '#functions/tables/names.ts';
import { queues } from '#functions/tables/queues.ts';
import { type TableRow, tables } from '#functions/tables/tables.ts';
import { stages } from '#infra/config.ts';
import { allowedTo, permissionsFile, permissionsPage } from './permissions-page.ts';
import { ofType, target } from './rules.ts';
import { templatesOf } from './templates.ts';

function allowed(name: FunctionName, stage: Stage): string[] {
  const templates = templatesOf(stage);
  const its = ofType(templates.service, 'AWS::Lambda::Function').find(
    (f) => f.properties.FunctionName === resourceName(stage, name),
  );
  return allowedTo(target(its?.properties.Role) ?? '', templates.service, templates);
}

/** What Lambda needs to hand a function the messages of a queue. */
const receiving = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

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
    ...(row.rotates ?? []).flatMap((secret) =>
      on(its(secret), [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ]),
    ),
    ...(row.invokes ?? []).map((other) => `lambda:InvokeFunction on ${its(other)}`),
    ...(row.trigger.by === 'queue'
      ? on(its(row.trigger.queue), [...receiving, 'sqs:ChangeMessageVisibility'])
      : []),
    ...(row.trigger.by === 'dead-letters'
      ? Object.keys(queues).flatMap((queue) => on(deadLetterName(stage, queue), receiving))
      : []),
    ...(row.trigger.by === 'stream'
      ? [
          'dynamodb:ListStreams on *',
          `sqs:SendMessage on ${givenUpName(stage, name)}`,
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

it('docs/permissions.md is what `node test/infra/permissions-page.ts` writes', () => {
  expect(readFileSync(permissionsFile, 'utf8')).toBe(
    permissionsPage(templatesOf('sandbox with every option')),
  );
});
