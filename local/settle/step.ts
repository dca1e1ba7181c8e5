/** What one step of settling knows: what a resource was asked to be, what it is, how to mend it. */
import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type * as z from 'zod';
import type { Resource } from './resource.ts';

export interface Clients {
  readonly apiGateway: APIGatewayClient;
  readonly dynamodb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly sqs: SQSClient;
}

/** Settings by name, flat, so that a difference can be said in a line. */
export type Settings = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Step {
  readonly name: string;
  /** CloudFormation's name of the kind of resource that it looks at. */
  readonly type: string;
  /** What the template asks for. Empty where it asks for nothing of this step's. */
  wanted(resource: Resource): Settings;
  /** What stands, at least by the names in `wanted`. */
  read(clients: Clients, resource: Resource): Promise<Settings>;
  /** Makes it so. Absent where engines do as the template says. */
  apply?(clients: Clients, resource: Resource): Promise<unknown>;
}

interface StepOn<P> {
  readonly name: string;
  readonly type: string;
  /** The properties it knows, as a template has them. */
  readonly properties: z.ZodType<P>;
  wanted(properties: P, resource: Resource): Settings;
  read(clients: Clients, properties: P, resource: Resource): Promise<Settings>;
  apply?(clients: Clients, properties: P, resource: Resource): Promise<unknown>;
}

/** @throws ZodError, in use, for a template that has a property in another form. */
export function step<P>({ name, type, properties, wanted, read, apply }: StepOn<P>): Step {
  const of = (resource: Resource): P => properties.parse(resource.properties);
  return {
    name,
    type,
    wanted: (resource) => wanted(of(resource), resource),
    read: (clients, resource) => read(clients, of(resource), resource),
    ...(apply && {
      apply: (clients: Clients, resource: Resource) => apply(clients, of(resource), resource),
    }),
  };
}
