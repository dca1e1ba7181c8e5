/** The REST API: a method a route, the gateway's own answers as problems, and one stage. */
import {
  AccessLogFormat,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { resourceName } from '#functions/tables/names.ts';
import { retention } from '#functions/tables/retention.ts';
import { type RouteName, type RouteRow, routes } from '#functions/tables/routes.ts';
import { problemPath, problemTypes } from '#shared/http/problem-types.ts';
import {
  accessLogFields,
  apiStage,
  cors,
  gatewayHeaders,
  gatewayProblems,
  gatewayRetryAfterSeconds,
  keylessMethods,
  keylessThrottle,
  stageThrottle,
} from '../gateway.ts';
import type { HoldfastProps } from '../props.ts';
import { wholeDays } from './durations.ts';
import type { ServiceFunction } from './service-function.ts';

export interface ServiceApiProps extends HoldfastProps {
  /** By name. A route whose function is not among them is not deployed. */
  readonly functions: Readonly<Record<string, ServiceFunction>>;
}

/** The tags by which MiniStack and LocalStack are told the id of an API. */
const idTags = ['ms-custom-id', '_custom_id_'];

export class ServiceApi extends RestApi {
  constructor(scope: Construct, { stage, config, functions }: ServiceApiProps) {
    const removalPolicy = config.throwaway ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    const deployed = (Object.entries(routes) as [RouteName, RouteRow][]).flatMap(([name, row]) =>
      functions[name] ? [{ row, target: functions[name] }] : [],
    );
    const kept = { retention: wholeDays(retention.logsMs), removalPolicy };
    const accessLogs = new LogGroup(scope, 'access-logs', {
      logGroupName: `/aws/apigateway/${resourceName(stage, 'api')}`,
      ...kept,
    });
    super(scope, 'api', {
      restApiName: resourceName(stage, 'api'),
      endpointTypes: [EndpointType.REGIONAL],
      // One way in: what is held to the name's certificate is not held at the other.
      ...(config.domain && { disableExecuteApiEndpoint: true }),
      // One setting for the whole account and region, without which no API may log. It stays when
      // the stack goes, because other APIs may have come to rely on it.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: apiStage,
        tracingEnabled: config.numbers.tracing,
        ...throttled(stageThrottle),
        methodOptions: Object.fromEntries(
          keylessMethods(deployed.map(({ row }) => row)).map((method) => [
            method,
            throttled(keylessThrottle),
          ]),
        ),
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
      defaultCorsPreflightOptions: {
        allowOrigins: [cors.origin],
        allowHeaders: [...cors.requestHeaders],
        maxAge: Duration.millis(cors.maxAgeMs),
      },
    });
    // API Gateway makes this group by itself where there is none, and then keeps it for ever.
    this.deploymentStage.node.addDependency(
      new LogGroup(this, 'execution-logs', {
        logGroupName: `API-Gateway-Execution-Logs_${this.restApiId}/${apiStage}`,
        ...kept,
      }),
    );
    if (config.apiId)
      for (const tag of idTags)
        Tags.of(this).add(tag, config.apiId, {
          includeResourceTypes: ['AWS::ApiGateway::RestApi'],
        });
    for (const { row, target } of deployed) this.route(row, target);
    this.answerWithProblems();
  }

  private route({ method, path, apiKeyRequired }: RouteRow, target: ServiceFunction): void {
    this.root
      .resourceForPath(path)
      .addMethod(method, new LambdaIntegration(target, { allowTestInvoke: false }), {
        apiKeyRequired,
      });
  }

  /** The template must be the one for application/json: it is the only one that is always chosen. */
  private answerWithProblems(): void {
    for (const [type, slug] of Object.entries(gatewayProblems)) {
      const { status, title } = problemTypes[slug];
      const seconds = gatewayRetryAfterSeconds[type];
      const problem = { type: problemPath(slug), title, status, instance: '$context.requestId' };
      this.addGatewayResponse(`problem-${type}`, {
        type: ResponseType.of(type),
        statusCode: String(status),
        responseHeaders: {
          ...quoted(gatewayHeaders),
          ...quoted({ 'content-type': 'application/problem+json' }),
          ...(seconds !== undefined && quoted({ 'retry-after': String(seconds) })),
        },
        templates: { 'application/json': JSON.stringify(problem) },
      });
    }
  }
}

/** A method with settings of its own has none of its stage's, so each says all of them. */
const throttled = ({ ratePerSecond, burst }: typeof stageThrottle) => ({
  throttlingRateLimit: ratePerSecond,
  throttlingBurstLimit: burst,
  // Why the gateway itself failed, without what was sent.
  loggingLevel: MethodLoggingLevel.ERROR,
  dataTraceEnabled: false,
});

/** API Gateway's form of values that are always the same. It knows `Content-Type` by these capitals. */
const quoted = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
      `'${value}'`,
    ]),
  );
