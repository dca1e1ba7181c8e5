/** What a stage has besides, where it is asked for: from what is said to what is deployed. */
import { describe, expect, it } from 'vitest';
import { resourceName } from '#functions/tables/names.ts';
import { tables } from '#functions/tables/tables.ts';
import { configOf } from '#infra/config.ts';
import { type Contexts, optionContexts, readStageOptions } from '#infra/stage-options.ts';
import { ofType, target } from './rules.ts';
import { everyOption, synthesise, type Templates, templatesOf } from './templates.ts';

const whole = templatesOf('sandbox with every option');
const bare = templatesOf('sandbox');

const all = (templates: Templates, type: string) =>
  Object.values(templates).flatMap((template) => ofType(template, type));
const one = (type: string) => {
  const found = all(whole, type);
  expect(found, type).toHaveLength(1);
  return found[0]?.properties;
};

describe('the options of a stage', () => {
  it('are read as they are said', () => {
    expect(readStageOptions(everyOption)).toEqual({
      wafRate: 2_000,
      alarms: {
        page: ['team@example.org', 'https://pager.example.org/holdfast'],
        ticket: ['team@example.org', 'tickets@example.org'],
      },
      domain: {
        name: 'api.example.org',
        certificateArn: everyOption.domainCertificate,
        basePath: 'orders',
        hostedZoneId: 'Z0123456789EXAMPLE00',
      },
      budget: { monthlyUsd: 25, emails: ['team@example.org'] },
      backups: true,
      reservedConcurrency: true,
    });
  });

  it('are all off unless they are said, and add nothing then', () => {
    expect(readStageOptions({})).toEqual({});
    for (const type of [
      'AWS::WAFv2::WebACL',
      'AWS::SNS::Subscription',
      'AWS::ApiGateway::DomainName',
      'AWS::Route53::RecordSet',
      'AWS::Budgets::Budget',
      'AWS::Backup::BackupVault',
    ])
      expect(all(bare, type), type).toEqual([]);
  });

  it('are told apart from a listener twice named', () => {
    const { alarms } = readStageOptions({
      alarmEmail: 'a@example.org',
      alarmPage: 'b@example.org, a@example.org',
    });
    expect(alarms).toEqual({ page: ['a@example.org', 'b@example.org'], ticket: ['a@example.org'] });
  });

  it('may be switched off again where a row has them', () => {
    expect(configOf('sandbox', { backups: 'false' }).backups).toBe(false);
  });

  const domain = {
    domainName: 'api.example.org',
    domainCertificate: everyOption.domainCertificate,
  };
  const refused: readonly (readonly [Contexts, string])[] = [
    [{ wafRate: 'many' }, "wafRate must be a number, got 'many'"],
    [{ wafRate: '' }, "wafRate must be a number, got ''"],
    [{ wafRate: '9' }, "wafRate must be a whole number from 10 to 2000000000, got '9'"],
    [{ wafRate: '10.5' }, "wafRate must be a whole number from 10 to 2000000000, got '10.5'"],
    [{ alarmEmail: 'nobody' }, "alarmEmail must be e-mail addresses, got 'nobody'"],
    [
      { alarmEmail: 'https://a.example' },
      "alarmEmail must be e-mail addresses, got 'https://a.example'",
    ],
    [
      { alarmPage: 'a@example.org,http://plain.example' },
      "alarmPage must be e-mail addresses, and https URLs without a password, got 'http://plain.example'",
    ],
    [
      { alarmTicket: 'https://:secret@tickets.example' },
      "alarmTicket must be e-mail addresses, and https URLs without a password, got 'https://:secret@tickets.example'",
    ],
    [
      { alarmTicket: 'https://user:secret@tickets.example' },
      "alarmTicket must be e-mail addresses, and https URLs without a password, got 'https://user:secret@tickets.example'",
    ],
    [
      { ...domain, domainName: 'API.example.org' },
      "domainName must be a host name in small letters, such as api.example.org, got 'API.example.org'",
    ],
    [
      { ...domain, domainName: 'https://api.example.org' },
      "domainName must be a host name in small letters, such as api.example.org, got 'https://api.example.org'",
    ],
    [
      { domainName: 'api.example.org' },
      "domainCertificate must be the ARN of a certificate in ACM, got ''",
    ],
    [
      { ...domain, domainBasePath: 'a/b' },
      "domainBasePath must be one part of a path, without slashes, got 'a/b'",
    ],
    [
      { ...domain, domainZone: 'example.org' },
      "domainZone must be the id of a hosted zone, such as Z0123456789ABCDEFGHIJ, got 'example.org'",
    ],
    [
      { domainZone: 'Z0123456789EXAMPLE00' },
      "domainZone is said without domainName, got 'Z0123456789EXAMPLE00'",
    ],
    [
      { budgetUsd: '0', budgetEmail: 'a@example.org' },
      "budgetUsd must be a number of US dollars from 1, got '0'",
    ],
    [{ budgetUsd: '10' }, "budgetEmail must be at least one e-mail address, got ''"],
    [
      { budgetUsd: '10', budgetEmail: 'a@example.org,b' },
      "budgetEmail must be e-mail addresses, got 'b'",
    ],
    [
      { budgetEmail: 'a@example.org' },
      "budgetEmail is said without budgetUsd, got 'a@example.org'",
    ],
    [{ backups: 'yes' }, "backups must be true or false, got 'yes'"],
    [{ reservedConcurrency: '1' }, "reservedConcurrency must be true or false, got '1'"],
  ];
  it.each(refused.map(([said, message]) => [message, said] as const))(
    'refuse: %s',
    (message, said) => {
      expect(() => configOf('sandbox', said)).toThrow(new RangeError(message));
    },
  );

  it('tells eleven addresses of a budget too many', () => {
    const emails = Array.from({ length: 11 }, (_, n) => `${n}@example.org`).join(',');
    expect(() => configOf('sandbox', { budgetUsd: 5, budgetEmail: emails })).toThrow(RangeError);
  });

  it.each(Object.entries(everyOption))('%s=%s is refused in stage local', (name, value) => {
    const needs = name.startsWith('domain')
      ? domain
      : name.startsWith('budget')
        ? { budgetUsd: 5, budgetEmail: 'a@example.org' }
        : {};
    expect(() => configOf('local', { ...needs, [name]: value })).toThrow(
      /^stage local takes no options: '\w+' is for a stage in an account$/,
    );
  });

  it('each have a name and a meaning that a command can print', () => {
    expect(Object.keys(optionContexts).sort()).toEqual(Object.keys(everyOption).sort());
    for (const { means } of Object.values(optionContexts)) expect(means).toMatch(/^\w.{10,}\w$/);
  });
});

describe('a stage with every option', () => {
  it('counts the calls of each address in five minutes, and shows nobody a sample of them', () => {
    const acl = one('AWS::WAFv2::WebACL');
    expect(acl).toMatchObject({
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      Rules: [
        {
          Action: { Block: {} },
          Statement: {
            RateBasedStatement: { AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: 2_000 },
          },
        },
      ],
    });
    expect(JSON.stringify(acl)).not.toContain('"SampledRequestsEnabled":true');
    const [acls] = all(whole, 'AWS::WAFv2::WebACL');
    const { WebACLArn, ResourceArn } = one('AWS::WAFv2::WebACLAssociation');
    expect(target(WebACLArn)).toBe(acls?.id);
    const [stage] = ofType(whole.service, 'AWS::ApiGateway::Stage');
    expect(JSON.stringify(ResourceArn)).toContain(`/stages/",{"Ref":"${stage?.id}"}`);
  });

  it('tells each severity to those who asked for it', () => {
    const topics = new Map(
      ofType(whole.observability, 'AWS::SNS::Topic').map(({ id, properties }) => [
        id,
        properties.TopicName,
      ]),
    );
    const told = ofType(whole.observability, 'AWS::SNS::Subscription').map(({ properties: p }) =>
      [topics.get(target(p.TopicArn) ?? ''), p.Protocol, p.Endpoint].join(' '),
    );
    expect(told.sort()).toEqual([
      'holdfast-sandbox-alarms-page email team@example.org',
      'holdfast-sandbox-alarms-page https https://pager.example.org/holdfast',
      'holdfast-sandbox-alarms-ticket email team@example.org',
      'holdfast-sandbox-alarms-ticket email tickets@example.org',
    ]);
  });

  it('answers under its own name, by TLS 1.2, and under no other', () => {
    expect(one('AWS::ApiGateway::DomainName')).toMatchObject({
      DomainName: 'api.example.org',
      RegionalCertificateArn: everyOption.domainCertificate,
      SecurityPolicy: 'TLS_1_2',
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
    expect(one('AWS::ApiGateway::RestApi').DisableExecuteApiEndpoint).toBe(true);
    const [bareApi] = all(bare, 'AWS::ApiGateway::RestApi');
    expect(bareApi?.properties.DisableExecuteApiEndpoint).toBeUndefined();
    expect(one('AWS::ApiGateway::BasePathMapping')).toMatchObject({ BasePath: 'orders' });
    const [name] = all(whole, 'AWS::ApiGateway::DomainName');
    expect(one('AWS::Route53::RecordSet')).toEqual({
      HostedZoneId: 'Z0123456789EXAMPLE00',
      Name: 'api.example.org',
      Type: 'A',
      AliasTarget: {
        DNSName: { 'Fn::GetAtt': [name?.id, 'RegionalDomainName'] },
        HostedZoneId: { 'Fn::GetAtt': [name?.id, 'RegionalHostedZoneId'] },
      },
    });
    expect(whole.service.Outputs?.['ApiUrl']?.Value).toBe('https://api.example.org/orders/');
    expect(whole.service.Outputs?.['DomainTarget']).toBeUndefined();
  });

  it('tells of half, four fifths and all of its budget, and when all is on its way', () => {
    const { Budget, NotificationsWithSubscribers } = one('AWS::Budgets::Budget');
    expect(Budget).toMatchObject({
      BudgetLimit: { Amount: 25, Unit: 'USD' },
      TimeUnit: 'MONTHLY',
      BudgetType: 'COST',
    });
    const told = NotificationsWithSubscribers.map(
      ({
        Notification: n,
        Subscribers,
      }: {
        Notification: Record<string, unknown>;
        Subscribers: { Address: string }[];
      }) => `${n['NotificationType']} ${n['Threshold']} ${Subscribers.map((s) => s.Address)}`,
    );
    expect(told).toEqual([
      'ACTUAL 50 team@example.org',
      'ACTUAL 80 team@example.org',
      'ACTUAL 100 team@example.org',
      'FORECASTED 100 team@example.org',
    ]);
  });

  it('names no budget, as one with another address could not be made beside it', () => {
    expect(one('AWS::Budgets::Budget').Budget).not.toHaveProperty('BudgetName');
  });

  it('backs up every table daily, for as long as point-in-time recovery reaches back', () => {
    const selected = JSON.stringify(one('AWS::Backup::BackupSelection').BackupSelection.Resources);
    for (const name of Object.keys(tables))
      expect(selected).toContain(`table/${resourceName('sandbox', name)}"`);
    expect(one('AWS::Backup::BackupPlan').BackupPlan.BackupPlanRule).toMatchObject([
      { Lifecycle: { DeleteAfterDays: 35 } },
    ]);
  });
});

describe('a domain', () => {
  const place = { account: '111122223333', region: 'eu-west-1' };
  const said = { domainName: 'api.example.org', domainCertificate: everyOption.domainCertificate };

  it('without a base path or a zone has neither, and says where to point its name', () => {
    const templates = synthesise('sandbox', { config: configOf('sandbox', said) });
    expect(templates.service.Outputs?.['ApiUrl']?.Value).toBe('https://api.example.org/');
    const [name] = all(templates, 'AWS::ApiGateway::DomainName');
    expect(templates.service.Outputs?.['DomainTarget']?.Value).toEqual({
      'Fn::GetAtt': [name?.id, 'RegionalDomainName'],
    });
    expect(all(templates, 'AWS::Route53::RecordSet')).toEqual([]);
    expect(all(templates, 'AWS::ApiGateway::BasePathMapping')[0]?.properties.BasePath).toBe(
      undefined,
    );
  });

  it('refuses a certificate of another region than the stage', () => {
    const config = { ...configOf('sandbox', said), place };
    expect(() => synthesise('sandbox', { config })).toThrow(
      new RangeError(`domainCertificate must be in eu-west-1, got '${said.domainCertificate}'`),
    );
  });
});
