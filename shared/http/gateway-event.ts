/**
 * The event of an API Gateway REST API (proxy integration), read without trusting its form: engines
 * and gateways differ in the case of header names, in which of the two header maps they fill, and in
 * what they leave out.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import {
  childOf,
  newTrace,
  readTraceparent,
  readXRayHeader,
  readXRaySampled,
  type Trace,
} from '../telemetry/trace.ts';
import type { Arrival } from './call.ts';

export type GatewayEvent = Partial<APIGatewayProxyEvent>;

type Values = Readonly<Record<string, readonly string[]>>;

export function readArrival(
  event: GatewayEvent,
  route: string,
  newId: () => string = randomUUID,
): Arrival {
  const headers = joined(headerValues(event));
  return {
    route,
    requestId: event.requestContext?.requestId ?? newId(),
    trace: traceOf(headers),
    method: event.httpMethod ?? '',
    path: event.path ?? '',
    headers,
    query: last(queryValues(event)),
    sourceIp: event.requestContext?.identity?.sourceIp ?? undefined,
  };
}

/** Every value of every header field, by lower-cased name, in the order given. */
export function headerValues(event: GatewayEvent): Values {
  const all = merged(event.multiValueHeaders, event.headers);
  const byName = Map.groupBy(Object.entries(all), ([name]) => name.toLowerCase());
  return Object.fromEntries(
    [...byName].map(([name, fields]) => [name, fields.flatMap(([, values]) => values)]),
  );
}

export const queryValues = (event: GatewayEvent): Values =>
  merged(event.multiValueQueryStringParameters, event.queryStringParameters);

export const pathParameters = (event: GatewayEvent): Readonly<Record<string, string>> =>
  last(merged(undefined, event.pathParameters));

/** Size of the body as the caller sent it. */
export const bodyBytes = ({ body, isBase64Encoded }: GatewayEvent): number =>
  Buffer.byteLength(body ?? '', isBase64Encoded ? 'base64' : 'utf8');

/** @throws TypeError when the body is not UTF-8. */
export const bodyText = ({ body, isBase64Encoded }: GatewayEvent): string =>
  isBase64Encoded
    ? new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body ?? '', 'base64'))
    : (body ?? '');

/** The caller says which trace it is; the gateway, where it has decided, whether X-Ray keeps it. */
function traceOf({
  traceparent,
  'x-amzn-trace-id': xray,
}: Readonly<Record<string, string>>): Trace {
  const from = readTraceparent(traceparent) ?? readXRayHeader(xray);
  if (!from) return newTrace();
  return childOf({ ...from, sampled: readXRaySampled(xray) ?? from.sampled });
}

type Many = Readonly<Record<string, readonly string[] | undefined>> | null | undefined;
type One = Readonly<Record<string, string | undefined>> | null | undefined;

/** The map of all values, completed by the map of single ones where it lacks a name. */
function merged(many: Many, one: One): Values {
  const known = new Set(Object.keys(many ?? {}).map((name) => name.toLowerCase()));
  const missing = Object.entries(one ?? {}).filter(([name]) => !known.has(name.toLowerCase()));
  const all = [...Object.entries(many ?? {}), ...missing.map(([name, text]) => [name, [text]])];
  return Object.fromEntries(
    (all as [string, readonly unknown[] | null | undefined][]).map(([name, values]) => [
      name,
      (values ?? []).filter((value) => typeof value === 'string'),
    ]),
  );
}

const joined = (values: Values): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, texts]) => texts.length > 0)
      .map(([name, texts]) => [name, texts.join(', ')]),
  );

const last = (values: Values): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, texts]) => {
      const text = texts.at(-1);
      return text === undefined ? [] : [[name, text]];
    }),
  );
