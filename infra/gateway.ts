/** What the gateway itself decides and says, where no function runs. */
import type { RouteRow } from '#functions/tables/routes.ts';
import type { problemTypes } from '#shared/http/problem-types.ts';
import { everyAnswer } from '#shared/http/result.ts';

/**
 * The problem that stands for each answer of the gateway's own. What is not named here falls under
 * the two defaults. API Gateway substitutes single values only, so the type decides the whole body.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export const gatewayProblems = {
  DEFAULT_4XX: 'invalid-request',
  DEFAULT_5XX: 'internal',
  INVALID_API_KEY: 'api-key-invalid',
  ACCESS_DENIED: 'api-key-invalid',
  // The gateway's word for a path or method that it does not know.
  MISSING_AUTHENTICATION_TOKEN: 'not-found',
  RESOURCE_NOT_FOUND: 'not-found',
  REQUEST_TOO_LARGE: 'body-too-large',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported-media-type',
  THROTTLED: 'rate-limited',
  // The one rule of AWS WAF, where a stage has it, is a limit of calls.
  WAF_FILTERED: 'rate-limited',
  QUOTA_EXCEEDED: 'quota-exceeded',
  INTEGRATION_TIMEOUT: 'gateway-timeout',
} as const satisfies Record<string, keyof typeof problemTypes>;

/**
 * What it tells a refused caller to wait: it knows no moment, so the time is always the same. For a
 * bucket that is a second. A quota comes back when its period ends, which for a day is midnight UTC:
 * whoever asks once an hour is refused seldom, and late by an hour at most. WAF counts five minutes
 * back: who asks once a minute is soon below its limit.
 */
export const gatewayRetryAfterSeconds: Readonly<Record<string, number>> = {
  THROTTLED: 1,
  WAF_FILTERED: 60,
  QUOTA_EXCEEDED: 3_600,
} satisfies Partial<Record<keyof typeof gatewayProblems, number>>;

/**
 * What its own answers have in common with the service's. Not the content security policy: its
 * quotes cannot stand in a value that API Gateway wants in quotes, and a problem is data to browsers.
 */
export const gatewayHeaders = Object.fromEntries(
  Object.entries(everyAnswer).filter(([, value]) => !value.includes("'")),
);

/** The one stage of the API, and the first part of every path. */
export const apiStage = 'v1';

/**
 * For each method by itself, although it is set for the stage. Above any one tenant's plan, so that
 * the plans decide until many tenants call at once.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
 */
export const stageThrottle = { ratePerSecond: 1_000, burst: 2_000 };

/**
 * For each method that asks for no key, where no plan holds anybody: preflights, which a browser
 * keeps for an hour, and the health of the service. What strangers can make it cost, it bounds.
 */
export const keylessThrottle = { ratePerSecond: 25, burst: 100 };

/** The methods that ask for no key, as `/orders/{id}/OPTIONS`: every part of a path has a preflight. */
export function keylessMethods(rows: readonly RouteRow[]): readonly string[] {
  const paths = new Set(
    rows.flatMap(({ path }) => {
      const parts = path.split('/').slice(1);
      return parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`);
    }),
  );
  return [
    ...['/', ...paths].map((path) => `${path}/OPTIONS`),
    ...rows
      .filter(({ apiKeyRequired }) => !apiKeyRequired)
      .map((row) => `${row.path}/${row.method}`),
  ];
}

/** Who may call from a browser, and with which headers. Tokens travel in a header, never in a cookie,
 *  so any origin may. What a script may read stands with each answer. */
export const cors = {
  origin: '*',
  requestHeaders: [
    'Authorization',
    'Content-Type',
    'Idempotency-Key',
    'If-Match',
    'If-None-Match',
    'X-Api-Key',
    'X-Deadline-Ms',
    'X-Priority',
    'X-Tenant-Id',
    'traceparent',
  ],
  maxAgeMs: 3_600_000,
} as const;

/** One line a request. No address, no token, no key: ids only. */
export const accessLogFields = {
  requestId: '$context.requestId',
  traceId: '$context.xrayTraceId',
  requestedAt: '$context.requestTime',
  method: '$context.httpMethod',
  resource: '$context.resourcePath',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
  refusedBecause: '$context.error.responseType',
  answerBytes: '$context.responseLength',
  apiKeyId: '$context.identity.apiKeyId',
} as const;
