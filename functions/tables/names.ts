/** Names of deployed things. Everything that is addressed from outside its stack has its name from here. */

export const stageNames = ['local', 'sandbox'] as const;

export type Stage = (typeof stageNames)[number];

/** `order:process` in stage `local` is `holdfast-local-order-process`. */
export const resourceName = (stage: Stage, name: string): string =>
  `holdfast-${stage}-${name.replaceAll(':', '-')}`;

export const deadLetterName = (stage: Stage, queue: string): string =>
  `${resourceName(stage, queue)}-dlq`;

/** Where a stream tells what it gave up after its function had failed on it too often. */
export const givenUpName = (stage: Stage, functionName: string): string =>
  `${resourceName(stage, functionName)}-given-up`;

/** Where Lambda writes what a function of this physical name prints. */
export const logGroupOf = (physicalName: string): string => `/aws/lambda/${physicalName}`;

export const logGroupName = (stage: Stage, functionName: string): string =>
  logGroupOf(resourceName(stage, functionName));

/** Where CloudWatch keeps our own metrics: apart by stage, as an account may hold several. */
export const metricsNamespace = (stage: Stage): string => `Holdfast/${stage}`;

export const stackName = (stage: Stage, stack: string): string => `holdfast-${stage}-${stack}`;
