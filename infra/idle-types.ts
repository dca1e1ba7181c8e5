/**
 * What each type of resource costs while nobody calls. A type that has no row is not deployed: a test
 * fails, so that somebody looks up its price before the account does.
 */
import type { PriceName } from './cost/prices.ts';

/** `nothing`: it is billed by use, or not at all. */
export const idleTypes: Readonly<Record<string, PriceName | 'nothing'>> = {
  'AWS::ApiGateway::Account': 'nothing',
  'AWS::ApiGateway::ApiKey': 'nothing',
  'AWS::ApiGateway::BasePathMapping': 'nothing',
  'AWS::ApiGateway::Deployment': 'nothing',
  'AWS::ApiGateway::DomainName': 'nothing',
  'AWS::ApiGateway::GatewayResponse': 'nothing',
  'AWS::ApiGateway::Method': 'nothing',
  'AWS::ApiGateway::Resource': 'nothing',
  'AWS::ApiGateway::RestApi': 'nothing',
  'AWS::ApiGateway::Stage': 'nothing',
  'AWS::ApiGateway::UsagePlan': 'nothing',
  'AWS::ApiGateway::UsagePlanKey': 'nothing',
  'AWS::Backup::BackupPlan': 'nothing',
  'AWS::Backup::BackupSelection': 'nothing',
  'AWS::Backup::BackupVault': 'nothing',
  'AWS::Budgets::Budget': 'nothing',
  'AWS::CloudWatch::Alarm': 'alarm',
  'AWS::CloudWatch::Dashboard': 'dashboard',
  'AWS::DynamoDB::Table': 'nothing',
  'AWS::Events::Rule': 'nothing',
  'AWS::IAM::Policy': 'nothing',
  'AWS::IAM::Role': 'nothing',
  'AWS::Lambda::EventInvokeConfig': 'nothing',
  // Lambda asks the queue, also while it is empty. Of a stream it asks for free.
  'AWS::Lambda::EventSourceMapping': 'queueCall',
  'AWS::Lambda::Function': 'nothing',
  'AWS::Lambda::Permission': 'nothing',
  'AWS::Logs::LogGroup': 'nothing',
  'AWS::Route53::RecordSet': 'nothing',
  'AWS::SNS::Subscription': 'nothing',
  'AWS::SNS::Topic': 'nothing',
  'AWS::SNS::TopicPolicy': 'nothing',
  'AWS::SQS::Queue': 'nothing',
  'AWS::SQS::QueuePolicy': 'nothing',
  'AWS::SecretsManager::RotationSchedule': 'nothing',
  'AWS::SecretsManager::Secret': 'secret',
  'AWS::WAFv2::WebACL': 'webAcl',
  'AWS::WAFv2::WebACLAssociation': 'nothing',
};
