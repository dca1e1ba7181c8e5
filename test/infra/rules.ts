/**
 * What must hold of any template of ours, as functions that name each violation. They read plain
 * JSON, so that a template that breaks them can be written down (test/infra/rules.test.ts).
 */
import { idleTypes } from '#infra/idle-types.ts';
import {
  actionsOnEverything,
  policiesOfAws,
  servicesWithoutSource,
} from '#infra/wide-permissions.ts';

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
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Principal?: string | Readonly<Record<string, unknown>>;
  readonly NotPrincipal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Document {
  readonly Statement?: Statement | readonly Statement[];
}

const allowing = (document: Document | undefined): readonly Statement[] =>
  list<Statement>(document?.Statement).filter(({ Effect }) => Effect === 'Allow');

/** Every statement that allows something: in policies of roles, and of queues, topics and whatever has one. */
export const allowances = (template: Template) =>
  Object.entries(template.Resources).flatMap(([id, { Properties = {} }]) => {
    const documents: (Document | undefined)[] = [
      Properties.PolicyDocument,
      Properties.ResourcePolicy,
      Properties.AccessPolicy,
      ...list<{ PolicyDocument: Document }>(Properties.Policies).map((p) => p.PolicyDocument),
    ];
    return documents.flatMap(allowing).map((statement) => ({
      id,
      statement,
      actions: list<string>(statement.Action),
      resources: list<unknown>(statement.Resource as unknown[]),
    }));
  });

/** Who may take on each role. */
export const trusts = (template: Template) =>
  ofType(template, 'AWS::IAM::Role').flatMap(({ id, properties }) =>
    allowing(properties.AssumeRolePolicyDocument).map((statement) => ({ id, statement })),
  );

/** What a principal names: `lambda.amazonaws.com`, or its kind where that is no service. */
export const principalsOf = ({ Principal, NotPrincipal }: Statement): readonly string[] => {
  if (NotPrincipal !== undefined) return ['everybody but some'];
  if (Principal === undefined) return [];
  if (typeof Principal === 'string') return [Principal];
  return Object.entries(Principal).flatMap(([kind, names]) =>
    list<unknown>(names as unknown[]).map((name) =>
      kind === 'Service' && typeof name === 'string' ? name : `${kind} ${JSON.stringify(name)}`,
    ),
  );
};

const isService = (principal: string): boolean => /^[a-z0-9-]+\.amazonaws\.com$/.test(principal);

/** A condition that asks for whom a service acts. */
const asksForSource = ({ Condition = {} }: Statement): boolean =>
  ['StringEquals', 'ArnEquals', 'ArnLike'].some((operator) =>
    ['aws:SourceAccount', 'aws:SourceArn'].some((key) => Condition[operator]?.[key] !== undefined),
  );

export const wildcardActions: Rule = (template) =>
  allowances(template).flatMap(({ id, actions }) =>
    actions.filter((action) => action.includes('*')).map((action) => `${id} allows ${action}`),
  );

export const bareStarResources: Rule = (template) =>
  allowances(template)
    .filter(({ resources }) => resources.includes('*'))
    .flatMap(({ id, actions }) =>
      actions
        .filter((action) => !(action in actionsOnEverything))
        .map((action) => `${id} allows ${action} on everything`),
    );

/** A name with a star in it stands for things that nobody has named. */
export const starsInResources: Rule = (template) =>
  allowances(template).flatMap(({ id, resources }) =>
    resources
      .filter((resource) => resource !== '*' && JSON.stringify(resource).includes('*'))
      .map((resource) => `${id} allows something on ${JSON.stringify(resource)}`),
  );

/** Everything but what is named: the list of what is allowed is then no list. */
export const negations: Rule = (template) =>
  [...allowances(template), ...trusts(template)]
    .filter(({ statement }) =>
      [statement.NotAction, statement.NotResource, statement.NotPrincipal].some(
        (negated) => negated !== undefined,
      ),
    )
    .map(({ id }) => `${id} allows all but what it names`);

/** Who may hand on a role, or make one, may do whatever that role may. */
export const rolesHandedOn: Rule = (template) =>
  allowances(template).flatMap(({ id, actions }) =>
    actions
      .filter((action) => /^(iam|sts):/i.test(action))
      .map((action) => `${id} allows ${action}`),
  );

/** A log is written by the function whose it is. */
export const foreignLogs: Rule = (template) => {
  const groupOf = new Map(
    ofType(template, 'AWS::Lambda::Function').map(({ properties }) => [
      target(properties.Role),
      target(properties.LoggingConfig?.LogGroup),
    ]),
  );
  return allowances(template)
    .filter(({ actions }) => actions.some((action) => action.startsWith('logs:')))
    .flatMap(({ id, resources }) => {
      const roles: readonly unknown[] = template.Resources[id]?.Properties?.Roles ?? [{ Ref: id }];
      const own = roles.map((role) => groupOf.get(target(role)));
      return resources
        .filter((resource) => !own.includes(target(resource)))
        .map((resource) => `${id} writes to the log ${JSON.stringify(resource)}`);
    });
};

/** A role is for a service, on behalf of this account. */
export const openTrusts: Rule = (template) =>
  trusts(template).flatMap(({ id, statement }) => [
    ...list<string>(statement.Action)
      .filter((action) => action !== 'sts:AssumeRole')
      .map((action) => `${id} lets ${action}`),
    ...principalsOf(statement)
      .filter((principal) => !isService(principal))
      .map((principal) => `${id} trusts ${principal}`),
    ...principalsOf(statement)
      .filter((principal) => isService(principal) && !(principal in servicesWithoutSource))
      .filter(() => !asksForSource(statement))
      .map((principal) => `${id} trusts ${principal}, for whomever it acts`),
  ]);

/** Queues, topics and whatever else has a policy let services in for this account only, and nobody else. */
export const openPolicies: Rule = (template) =>
  allowances(template).flatMap(({ id, statement }) =>
    principalsOf(statement).flatMap((principal) => {
      if (!isService(principal)) return [`${id} lets ${principal} in`];
      return asksForSource(statement) ? [] : [`${id} lets ${principal} in, for whomever it acts`];
    }),
  );

/** Who may call a function: a service, from one source. */
export const openFunctions: Rule = (template) =>
  ofType(template, 'AWS::Lambda::Permission').flatMap(({ id, properties }) => {
    const { Principal, Action, SourceArn, SourceAccount } = properties;
    if (!isService(Principal)) return [`${id} lets ${JSON.stringify(Principal)} call`];
    if (Action !== 'lambda:InvokeFunction') return [`${id} lets ${Principal} do ${Action}`];
    return (SourceArn ?? SourceAccount)
      ? []
      : [`${id} lets ${Principal} call, for whomever it acts`];
  });

/** Functions have roles. Nothing here is done by a person, with keys that last. */
export const otherIdentities: Rule = ({ Resources }) =>
  Object.entries(Resources)
    .filter(([, { Type }]) => /^AWS::IAM::(?!Role$|Policy$)/.test(Type))
    .map(([id, { Type }]) => `${id} is a ${Type}`);

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

/** The end of the name of a policy that somebody else wrote: it stands last in what is joined. */
export const managedName = (arn: unknown): string => {
  const { 'Fn::Join': joined } = (arn ?? {}) as { 'Fn::Join'?: [string, unknown[]] };
  return String(joined ? joined[1].at(-1) : arn).replace(/^.*:policy\//, '');
};

/** Permissions that somebody else wrote, and may widen. A function has none. */
export const managedPolicies: Rule = (template) => {
  const functions = ofType(template, 'AWS::Lambda::Function').map((f) => target(f.properties.Role));
  return ofType(template, 'AWS::IAM::Role').flatMap(({ id, properties }) =>
    list<unknown>(properties.ManagedPolicyArns)
      .map(managedName)
      .filter((name) => functions.includes(id) || !(name in policiesOfAws))
      .map((name) => `${id} has the policy ${name}`),
  );
};

export const unkeptLogs: Rule = (template) => {
  const kept = ofType(template, 'AWS::Logs::LogGroup')
    .filter(({ properties }) => properties.RetentionInDays > 0)
    .map(({ id }) => id);
  return ofType(template, 'AWS::Lambda::Function')
    .filter((f) => !kept.includes(target(f.properties.LoggingConfig?.LogGroup) ?? ''))
    .map(({ id }) => `${id} has no log group with a retention`);
};

/** The gateway makes a group of its own accord, and keeps it for ever, where it finds none. */
export const unkeptGatewayLogs: Rule = (template) => {
  const kept = ofType(template, 'AWS::Logs::LogGroup').filter(
    ({ properties }) =>
      properties.RetentionInDays > 0 &&
      JSON.stringify(properties.LogGroupName).includes('API-Gateway-Execution-Logs_'),
  );
  return ofType(template, 'AWS::ApiGateway::Stage').flatMap(({ id, properties }) => [
    ...(list<{ LoggingLevel?: string }>(properties.MethodSettings).some(
      ({ LoggingLevel = 'OFF' }) => LoggingLevel === 'OFF',
    ) || list(properties.MethodSettings).length === 0
      ? [`${id} does not log why it fails`]
      : []),
    ...(list<{ DataTraceEnabled?: boolean }>(properties.MethodSettings).some(
      ({ DataTraceEnabled }) => DataTraceEnabled === true,
    )
      ? [`${id} logs what callers send`]
      : []),
    ...(kept.length > 0 ? [] : [`${id} keeps its log for ever`]),
  ]);
};

/** What bills by the hour or month though nobody calls, and is in no list of prices. */
export const unpricedResources: Rule = ({ Resources }) => [
  ...new Set(
    Object.values(Resources)
      .filter(({ Type }) => !(Type in idleTypes))
      .map(({ Type }) => `nobody has looked up what ${Type} costs while it is idle`),
  ),
];

/** Capacity that is paid for whether it is used or not. */
export const reservedCapacity: Rule = (template) => [
  ...ofType(template, 'AWS::DynamoDB::Table')
    .filter(({ properties }) => properties.BillingMode !== 'PAY_PER_REQUEST')
    .map(({ id }) => `${id} is billed by the hour`),
  ...ofType(template, 'AWS::ApiGateway::Stage')
    .filter(({ properties }) => properties.CacheClusterEnabled === true)
    .map(({ id }) => `${id} has a cache that is billed by the hour`),
  ...['AWS::Lambda::Version', 'AWS::Lambda::Alias']
    .flatMap((type) => ofType(template, type))
    .filter(({ properties }) => properties.ProvisionedConcurrencyConfig)
    .map(({ id }) => `${id} has provisioned concurrency`),
  ...ofType(template, 'AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => properties.ProvisionedPollerConfig)
    .map(({ id }) => `${id} has provisioned pollers`),
];

export const unprotectedTables: Rule = (template) =>
  ofType(template, 'AWS::DynamoDB::Table').flatMap(({ id, properties }) => [
    ...(properties.SSESpecification?.SSEEnabled ? [] : [`${id} does not state its encryption`]),
    ...(properties.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled
      ? []
      : [`${id} has no point-in-time recovery`]),
    ...(properties.TableName ? [] : [`${id} has no name of its own`]),
  ]);

/** Of a queue, or of a stream, which tells it of what it gave up. */
const isDeadLetterQueue = (template: Template, id: string): boolean =>
  ofType(template, 'AWS::SQS::Queue').some(
    (queue) => target(queue.properties.RedrivePolicy?.deadLetterTargetArn) === id,
  ) ||
  ofType(template, 'AWS::Lambda::EventSourceMapping').some(
    ({ properties }) => target(properties.DestinationConfig?.OnFailure?.Destination) === id,
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
        list<Statement>(properties.PolicyDocument.Statement).some(
          (s) => s.Effect === 'Deny' && s.Condition?.['Bool']?.['aws:SecureTransport'] === 'false',
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
  starsInResources,
  negations,
  rolesHandedOn,
  foreignLogs,
  openTrusts,
  openPolicies,
  openFunctions,
  otherIdentities,
  sharedRoles,
  managedPolicies,
  unkeptLogs,
  unkeptGatewayLogs,
  unpricedResources,
  reservedCapacity,
  unprotectedTables,
  endlessQueues,
  openQueues,
  valuesOfSecrets,
  customResources,
  crowdedStacks,
  testInvocations,
} as const satisfies Record<string, Rule>;
