/**
 * What must hold of any template of ours, as functions that name each violation. They read plain
 * JSON, so that a template that breaks them can be written down (test/infra/rules.test.ts).
 */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON of every shape.
  readonly Properties?: any;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>
  >;
}

export type Rule = (template: Template) => readonly string[];

/** The resources of a type, each with its logical id. */
export const ofType = ({ Resources }: Template, type: string) =>
  Object.entries(Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, { Properties = {} }]) => ({ id, properties: Properties }));

/** The logical id that `Ref` or `Fn::GetAtt` points to. */
export const target = (value: unknown): string | undefined => {
  const { Ref, 'Fn::GetAtt': attribute } = (value ?? {}) as {
    Ref?: string;
    'Fn::GetAtt'?: readonly string[];
  };
  return Ref ?? attribute?.[0];
};

const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value as T];

interface Statement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: unknown;
}

/** Every statement that allows something: in policies of roles, and of queues and topics. */
export function allowances(template: Template) {
  return Object.entries(template.Resources).flatMap(([id, { Properties = {} }]) => {
    const documents = [
      Properties.PolicyDocument,
      ...list<{ PolicyDocument: unknown }>(Properties.Policies).map((p) => p.PolicyDocument),
    ] as ({ Statement?: Statement | readonly Statement[] } | undefined)[];
    return documents
      .flatMap((document) => list<Statement>(document?.Statement))
      .filter(({ Effect }) => Effect === 'Allow')
      .map((statement) => ({
        id,
        actions: list<string>(statement.Action),
        resources: list<unknown>(statement.Resource as unknown[]),
      }));
  });
}

export const wildcardActions: Rule = (template) =>
  allowances(template).flatMap(({ id, actions }) =>
    actions.filter((action) => action.includes('*')).map((action) => `${id} allows ${action}`),
  );

/** Actions that AWS offers only for everything at once. */
export const actionsOnEverything: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'X-Ray has no resources to name.',
  'xray:PutTelemetryRecords': 'X-Ray has no resources to name.',
  'dynamodb:ListStreams':
    'Lambda asks for it before it reads a stream; it lists those of an account.',
};

export const bareStarResources: Rule = (template) =>
  allowances(template)
    .filter(({ resources }) => resources.includes('*'))
    .flatMap(({ id, actions }) =>
      actions
        .filter((action) => !(action in actionsOnEverything))
        .map((action) => `${id} allows ${action} on everything`),
    );

export const sharedRoles: Rule = (template) => {
  const roles = ofType(template, 'AWS::IAM::Role').map(({ id }) => id);
  const users = new Map<string, string>();
  return ofType(template, 'AWS::Lambda::Function').flatMap(({ id, properties }) => {
    const role = target(properties.Role);
    if (role === undefined || !roles.includes(role)) return [`${id} has no role of its own`];
    const other = users.get(role);
    users.set(role, id);
    return other === undefined ? [] : [`${id} has the role of ${other}`];
  });
};

/** Permissions that somebody else wrote, and may widen. */
export const managedPolicies: Rule = (template) => {
  const functions = ofType(template, 'AWS::Lambda::Function').map((f) => target(f.properties.Role));
  return ofType(template, 'AWS::IAM::Role')
    .filter(({ id, properties }) => functions.includes(id) && properties.ManagedPolicyArns)
    .map(({ id }) => `${id} has a managed policy`);
};

export const unkeptLogs: Rule = (template) => {
  const kept = ofType(template, 'AWS::Logs::LogGroup')
    .filter(({ properties }) => properties.RetentionInDays > 0)
    .map(({ id }) => id);
  return ofType(template, 'AWS::Lambda::Function')
    .filter((f) => !kept.includes(target(f.properties.LoggingConfig?.LogGroup) ?? ''))
    .map(({ id }) => `${id} has no log group with a retention`);
};

export const unprotectedTables: Rule = (template) =>
  ofType(template, 'AWS::DynamoDB::Table').flatMap(({ id, properties }) => [
    ...(properties.SSESpecification?.SSEEnabled ? [] : [`${id} does not state its encryption`]),
    ...(properties.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled
      ? []
      : [`${id} has no point-in-time recovery`]),
    ...(properties.TableName ? [] : [`${id} has no name of its own`]),
  ]);

const isDeadLetterQueue = (template: Template, id: string): boolean =>
  ofType(template, 'AWS::SQS::Queue').some(
    (queue) => target(queue.properties.RedrivePolicy?.deadLetterTargetArn) === id,
  );

export const endlessQueues: Rule = (template) => {
  const queues = ofType(template, 'AWS::SQS::Queue');
  return queues
    .filter(({ id }) => !isDeadLetterQueue(template, id))
    .flatMap(({ id, properties }) => {
      const redrive = properties.RedrivePolicy;
      const letters = queues.find((queue) => queue.id === target(redrive?.deadLetterTargetArn));
      if (!letters || !(redrive.maxReceiveCount > 0)) return [`${id} has no dead-letter queue`];
      return letters.properties.MessageRetentionPeriod > properties.MessageRetentionPeriod
        ? []
        : [`${letters.id} does not keep letters longer than ${id}`];
    });
};

export const openQueues: Rule = (template) => {
  const policies = ofType(template, 'AWS::SQS::QueuePolicy');
  const refusesPlaintext = (id: string) =>
    policies.some(
      ({ properties }) =>
        list<unknown>(properties.Queues).some((queue) => target(queue) === id) &&
        list<Statement & { Condition?: { Bool?: Record<string, string> } }>(
          properties.PolicyDocument.Statement,
        ).some(
          (s) => s.Effect === 'Deny' && s.Condition?.Bool?.['aws:SecureTransport'] === 'false',
        ),
    );
  return ofType(template, 'AWS::SQS::Queue').flatMap(({ id, properties }) => [
    ...(properties.SqsManagedSseEnabled === true ? [] : [`${id} is not encrypted`]),
    ...(refusesPlaintext(id) ? [] : [`${id} accepts calls without TLS`]),
  ]);
};

export const valuesOfSecrets: Rule = (template) => [
  ...ofType(template, 'AWS::SecretsManager::Secret')
    .filter((s) => s.properties.SecretString !== undefined || !s.properties.GenerateSecretString)
    .map(({ id }) => `${id} has its value in the template`),
  ...ofType(template, 'AWS::ApiGateway::ApiKey')
    .filter(({ properties }) => properties.Value !== undefined)
    .map(({ id }) => `${id} has its value in the template`),
];

/** Helpers that run at deploy time: no local engine runs them, and each is code that nobody reviews. */
export const customResources: Rule = ({ Resources }) =>
  Object.entries(Resources)
    .filter(([, { Type }]) => /^(Custom::|AWS::CloudFormation::CustomResource$)/.test(Type))
    .map(([id, { Type }]) => `${id} is a ${Type}`);

export const mostResources = 450;

/** CloudFormation takes 500. */
export const crowdedStacks: Rule = ({ Resources }) => {
  const count = Object.keys(Resources).length;
  return count < mostResources ? [] : [`${count} resources in one stack`];
};

/** Grants to call a function from the console, past keys and plans. */
export const testInvocations: Rule = (template) =>
  ofType(template, 'AWS::Lambda::Permission')
    .filter(({ properties }) => JSON.stringify(properties).includes('test-invoke-stage'))
    .map(({ id }) => `${id} lets the console call past the stage`);

/** The alarms on a metric of a thing, which must speak to somebody. */
const isWatched = (alarms: Template, metric: string, dimension: string, name: string): boolean =>
  ofType(alarms, 'AWS::CloudWatch::Alarm').some(
    ({ properties: { MetricName, Dimensions, AlarmActions, ActionsEnabled } }) =>
      MetricName === metric &&
      list<{ Name: string; Value: string }>(Dimensions).some(
        (d) => d.Name === dimension && d.Value === name,
      ) &&
      list(AlarmActions).length > 0 &&
      ActionsEnabled !== false,
  );

export const unwatchedFunctions = (service: Template, alarms: Template): readonly string[] =>
  ofType(service, 'AWS::Lambda::Function')
    .filter(
      ({ properties }) => !isWatched(alarms, 'Errors', 'FunctionName', properties.FunctionName),
    )
    .map(({ id }) => `${id} has no alarm on its errors`);

export const unwatchedDeadLetters = (service: Template, alarms: Template): readonly string[] =>
  ofType(service, 'AWS::SQS::Queue')
    .filter(({ id }) => isDeadLetterQueue(service, id))
    .filter(
      ({ properties }) =>
        !isWatched(alarms, 'ApproximateNumberOfMessagesVisible', 'QueueName', properties.QueueName),
    )
    .map(({ id }) => `${id} has no alarm on its depth`);

/** The methods of an API as `GET /orders/{id}`, with whether they need a key. Preflights apart. */
export function methodsOf(template: Template): Record<string, boolean> {
  const resources = new Map(
    ofType(template, 'AWS::ApiGateway::Resource').map(({ id, properties }) => [id, properties]),
  );
  const path = (id: string | undefined): string => {
    const properties = resources.get(id ?? '');
    return properties ? `${path(target(properties.ParentId))}/${properties.PathPart}` : '';
  };
  return Object.fromEntries(
    ofType(template, 'AWS::ApiGateway::Method')
      .filter(({ properties }) => properties.HttpMethod !== 'OPTIONS')
      .map(({ properties }) => [
        `${properties.HttpMethod} ${path(target(properties.ResourceId)) || '/'}`,
        properties.ApiKeyRequired === true,
      ]),
  );
}

/** Every difference between the methods of an API and those of a table, keys included. */
export function strayMethods(
  template: Template,
  wanted: Readonly<Record<string, boolean>>,
): readonly string[] {
  const found = methodsOf(template);
  return [...new Set([...Object.keys(found), ...Object.keys(wanted)])].flatMap((method) => {
    if (!(method in found)) return [`${method} is not deployed`];
    if (!(method in wanted)) return [`${method} is in no table`];
    if (found[method] === wanted[method]) return [];
    return [`${method} ${wanted[method] ? 'needs no API key' : 'needs an API key'}`];
  });
}

/** The types that one set of templates has more or fewer of than the other. */
export function differingTypes(some: readonly Template[], others: readonly Template[]): string[] {
  const count = (templates: readonly Template[]) => {
    const counts = new Map<string, number>();
    for (const { Type } of templates.flatMap(({ Resources }) => Object.values(Resources)))
      counts.set(Type, (counts.get(Type) ?? 0) + 1);
    return counts;
  };
  const [a, b] = [count(some), count(others)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((type) => a.get(type) !== b.get(type));
}

/** The rules that any one template is held to. */
export const rules = {
  wildcardActions,
  bareStarResources,
  sharedRoles,
  managedPolicies,
  unkeptLogs,
  unprotectedTables,
  endlessQueues,
  openQueues,
  valuesOfSecrets,
  customResources,
  crowdedStacks,
  testInvocations,
} as const satisfies Record<string, Rule>;
