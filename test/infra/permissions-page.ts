/**
 * `node test/infra/permissions-page.ts` writes docs/permissions.md: who may do what to which thing, read
 * from the templates of a stage with every option, so that a person can review it. A test holds it equal.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stageNames } from '#functions/tables/names.ts';
import {
  actionsOnEverything,
  policiesOfAws,
  servicesWithoutSource,
} from '#infra/wide-permissions.ts';
import {
  allowances,
  managedName,
  ofType,
  principalsOf,
  type Template,
  target,
  trusts,
} from './rules.ts';
import { type Templates, templatesOf } from './templates.ts';

/** A resource of a policy by the name of the deployed thing, across stacks: `holdfast-local-domain/index/lists`. */
export function nameOf(resource: unknown, templates: Templates): string {
  if (typeof resource === 'string') return resource;
  const { 'Fn::ImportValue': imported, 'Fn::Join': joined } = resource as {
    'Fn::ImportValue'?: string;
    'Fn::Join'?: [string, unknown[]];
  };
  if (joined) return joined[1].map((part) => nameOf(part, templates)).join('');
  const all = Object.values(templates);
  const value =
    imported === undefined
      ? resource
      : all
          .flatMap(({ Outputs = {} }) => Object.values(Outputs))
          .find((output) => output.Export?.Name === imported)?.Value;
  const id = target(value) ?? '';
  const properties = all.find(({ Resources }) => id in Resources)?.Resources[id]?.Properties ?? {};
  const attribute = (value as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt']?.[1];
  const name: string =
    properties.TableName ??
    properties.QueueName ??
    properties.FunctionName ??
    properties.TopicName ??
    properties.LogGroupName ??
    properties.Name;
  return attribute === 'StreamArn' ? `${name}/stream` : name;
}

/** What a role may do, as `dynamodb:GetItem on holdfast-local-domain`. */
export function allowedTo(role: string, template: Template, templates: Templates): string[] {
  const policies = ofType(template, 'AWS::IAM::Policy')
    .filter(({ properties }) => properties.Roles.some((r: unknown) => target(r) === role))
    .map(({ id }) => id);
  return allowances(template)
    .filter(({ id }) => id === role || policies.includes(id))
    .flatMap(({ actions, resources }) =>
      resources.flatMap((r) => actions.map((action) => `${action} on ${nameOf(r, templates)}`)),
    );
}

/** Names as the tables of the project have them: without project and stage. */
const short = (name: string): string =>
  name.replace(new RegExp(`holdfast-(?:${stageNames.join('|')})-`, 'g'), '');

/** `domain`: dynamodb GetItem, PutItem */
function byThing(allowed: readonly string[]): string {
  const things = new Map<string, Map<string, string[]>>();
  for (const each of allowed) {
    const [action = '', thing = ''] = each.split(' on ');
    const [service = '', verb = ''] = action.split(':');
    const verbs = things.get(thing) ?? new Map<string, string[]>();
    verbs.set(service, [...(verbs.get(service) ?? []), verb]);
    things.set(thing, verbs);
  }
  return [...things]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([thing, verbs]) => {
      const said = [...verbs].map(([service, them]) => `${service} ${them.sort().join(', ')}`);
      return `\`${short(thing)}\`: ${said.join('; ')}`;
    })
    .join('<br>');
}

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const sorted = <T extends readonly string[]>(rows: readonly T[]): T[] =>
  [...rows].sort((a, b) => (a.join() < b.join() ? -1 : 1));

const ownLog = 'its own log group';

export function permissionsPage(templates: Templates): string {
  const all = Object.values(templates);
  const { service } = templates;
  const functions = ofType(service, 'AWS::Lambda::Function').map(({ properties }) => {
    const log = nameOf(properties.LoggingConfig.LogGroup, templates);
    return {
      name: short(properties.FunctionName),
      role: target(properties.Role) ?? '',
      allowed: allowedTo(target(properties.Role) ?? '', service, templates).map((each) =>
        each.replace(` on ${log}`, ` on ${ownLog}`),
      ),
    };
  });
  const [first] = functions;
  const ofAll = (first?.allowed ?? []).filter((each) =>
    functions.every(({ allowed }) => allowed.includes(each)),
  );
  const others = all.flatMap((template) =>
    ofType(template, 'AWS::IAM::Role')
      .filter(({ id }) => !functions.some(({ role }) => role === id))
      .map(({ id, properties }) => {
        const trusted = trusts(template).filter((trust) => trust.id === id);
        return [
          `\`${id.replace(/[0-9A-F]{8}$/, '')}\``,
          trusted.flatMap(({ statement }) => principalsOf(statement)).join(', '),
          [
            ...(properties.ManagedPolicyArns ?? []).map(
              (arn: unknown) => `AWS's policy \`${managedName(arn)}\``,
            ),
            byThing(allowedTo(id, template, templates)),
          ]
            .filter(Boolean)
            .join('<br>'),
        ];
      }),
  );
  const callers = new Map<string, string[]>();
  for (const { properties } of ofType(service, 'AWS::Lambda::Permission')) {
    const name = short(nameOf(properties.FunctionName, templates));
    const by = `${properties.Principal}${properties.SourceArn ? '' : ', for this account'}`;
    callers.set(by, [...new Set([...(callers.get(by) ?? []), `\`${name}\``])].sort());
  }
  const letIn = all.flatMap((template) =>
    allowances(template).flatMap(({ statement, actions, resources }) =>
      principalsOf(statement).map((principal) => [
        resources.map((resource) => `\`${short(nameOf(resource, templates))}\``).join(', '),
        principal,
        actions.join(', '),
      ]),
    ),
  );
  const reasons = (rows: Readonly<Record<string, string>>) =>
    Object.entries(rows).map(([name, why]) => [`\`${name}\``, why] as const);

  return `<!-- Written by \`node test/infra/permissions-page.ts\` from the templates of stage sandbox with every option. -->

# Who may do what

For a review: every role, every policy and every grant that a deploy makes, by the names of the things. A test writes this page
again and compares, so that no permission comes or goes unread; others hold what follows from it (\`test/infra/rules.ts\`):

- no action has a star, and no resource but what the last table names; nothing is allowed by naming what is not;
- a role is used by one function, is taken on by a service only, and by Lambda for functions of this account only;
- no role can be handed on or taken on by what is deployed; there are no users, groups, keys or policies to attach;
- a function writes to its own log group, and to no other;
- each function may do what its row in \`functions/tables/functions.ts\` says and its trigger needs, word for word; and what it
  may do to queues, secrets and functions is a call that its bundle can make.

## Functions

Each may also: ${byThing(ofAll).replaceAll('<br>', '; ')}.

${table(
  ['function', 'may'],
  sorted(
    functions.map(({ name, allowed }) => [
      `\`${name}\``,
      byThing(allowed.filter((each) => !ofAll.includes(each))) || 'nothing else',
    ]),
  ),
)}

## Who may call a function

From one source each: a method of the API, a rule, this account. Queues and streams call nobody: Lambda reads them in the
function's own role, which is why that may receive and delete.

${table(['service', 'functions'], sorted([...callers].map(([by, names]) => [by, names.join(', ')])))}

## Who else is let in

By the policies of topics and queues, for this account only. All of them refuse calls without TLS.

${table(['thing', 'service', 'may'], sorted(letIn))}

## Roles of services

${table(['role', 'taken on by', 'may'], sorted(others))}

## What is wider than one thing, and why

${table(
  ['what', 'why'],
  [...reasons(actionsOnEverything), ...reasons(policiesOfAws), ...reasons(servicesWithoutSource)],
)}
`;
}

export const permissionsFile = join(import.meta.dirname, '../../docs/permissions.md');

if (import.meta.main) {
  writeFileSync(permissionsFile, permissionsPage(templatesOf('sandbox with every option')));
  console.log('wrote docs/permissions.md');
}
