/** What nobody has measured on AWS, in one place: the cost page says each of these with its figures. */
import type { MetricName } from '#shared/telemetry/metrics.ts';

export const minutesAMonth = 43_800;
export const hoursAMonth = 730;
export const secondsADay = 86_400;

export const assumed = {
  /**
   * Lambda begins with five pollers for a queue, each waiting up to 20 s for a message.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
   */
  pollers: 5,
  pollsAMinute: 3,
  /** Metrics that scheduled functions record though there is nothing to do. */
  idleMetrics: [
    'HoldsLapsed',
    'RelaySlotsTaken',
    'RelayJobsParked',
  ] as const satisfies readonly MetricName[],
  idleRunMs: 150,
  /** Lambda's own three lines, one of ours, and what it counts. */
  logBytesAnInvocation: 1_500,
  /** The gateway's own line. */
  logBytesACall: 500,
  /**
   * DynamoDB asks KMS again after five minutes for each table and caller.
   * @see https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html
   */
  keyCallsAnHour: 12,
  idleKeyUsers: 5,
  /** Functions on an order's way, with the tables of each. */
  orderKeyUsers: 13,
  invocationMs: 100,
  /** Each event and each message is worked on alone: at this rate they seldom meet. */
  receivesAMessage: 2,
  orderMetrics: 20,
  answerBytes: 1_500,
  storedBytesAnOrder: 5_000,
  healthMs: 20,
  /**
   * Calls a second of all APIs of an account in a region, unless AWS has raised it.
   * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
   */
  accountRate: 10_000,
  /** X-Ray records the first call in each second, and 5 % of the others. */
  traceRatio: 0.05,
} as const;
