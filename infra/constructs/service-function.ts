/** One function as its row says: its own role and log group, and the bundle it is given. */
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, RecursiveLoop, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { type FunctionName, type FunctionRow, functions } from '#functions/tables/functions.ts';
import { logGroupName, resourceName } from '#functions/tables/names.ts';
import { retention } from '#functions/tables/retention.ts';
import type { HoldfastProps } from '../props.ts';
import { wholeDays } from './durations.ts';

export interface ServiceFunctionProps extends HoldfastProps {
  readonly name: FunctionName;
  readonly environment: Readonly<Record<string, string>>;
}

export class ServiceFunction extends NodejsFunction {
  readonly row: FunctionRow;

  /** @throws RangeError when there is no code for the function. */
  constructor(scope: Construct, { name, stage, config, code, environment }: ServiceFunctionProps) {
    const row: FunctionRow = functions[name];
    const folder = code[name];
    if (folder === undefined) throw new RangeError(`code has no folder for '${name}'`);
    const role = new Role(scope, `${name}-role`, {
      // Only for functions of the same account: Lambda serves all of them.
      assumedBy: new ServicePrincipal('lambda.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
      }),
    });
    const logGroup = new LogGroup(scope, `${name}-logs`, {
      logGroupName: logGroupName(stage, name),
      retention: wholeDays(retention.logsMs),
      removalPolicy: config.throwaway ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    logGroup.grantWrite(role);
    super(scope, name, {
      functionName: resourceName(stage, name),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(folder),
      handler: 'index.handler',
      role,
      logGroup,
      timeout: Duration.millis(row.timeoutMs),
      memorySize: row.memoryMb,
      environment: { ...environment },
      tracing: config.numbers.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      ...(row.recursive && { recursiveLoop: RecursiveLoop.ALLOW }),
      ...(config.reservedConcurrency &&
        row.reservedConcurrency !== undefined && {
          reservedConcurrentExecutions: row.reservedConcurrency,
        }),
    });
    this.row = row;
  }

  allow(actions: readonly string[], ...resources: readonly string[]): void {
    this.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
