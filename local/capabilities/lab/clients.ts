/** A client of every service that probes ask, built when one first does. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions, patience } from '#shared/aws/client-options.ts';

/** Where a refusal, or how many there are of them, is what a probe looks at. */
const once = () => clientOptions({ ...patience, maxAttempts: 1 });

const again = () => clientOptions(patience);

const makers = {
  apiGateway: () => new APIGatewayClient(again()),
  cloudFormation: () => new CloudFormationClient(again()),
  cloudWatch: () => new CloudWatchClient(again()),
  dynamodb: () => new DynamoDBClient(once()),
  lambda: () => new LambdaClient(once()),
  logs: () => new CloudWatchLogsClient(again()),
  secrets: () => new SecretsManagerClient(again()),
  sqs: () => new SQSClient(again()),
};

export type Clients = { readonly [name in keyof typeof makers]: ReturnType<(typeof makers)[name]> };

export function labClients(): Clients {
  const clients = {};
  for (const [name, make] of Object.entries(makers))
    Object.defineProperty(clients, name, {
      configurable: true,
      get() {
        const client = make();
        Object.defineProperty(clients, name, { value: client });
        return client;
      },
    });
  return clients as Clients;
}
