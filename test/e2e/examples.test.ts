/** The examples of docs/openapi.yaml, sent as they stand to a freshly seeded stage. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { RouteContract } from '#functions/contract.ts';
import { contracts } from '#functions/contracts.ts';
import type { RouteName } from '#functions/tables/routes.ts';
import type { TokenRole } from '#shared/auth/token.ts';
import { callerAs } from './support/caller.ts';

interface Operation {
  readonly operationId: RouteName;
  readonly 'x-holdfast-role': TokenRole | 'anonymous';
  readonly parameters?: readonly { in?: string; name?: string; example?: unknown }[];
  readonly requestBody?: { readonly content: Record<string, { readonly example: unknown }> };
}

const { paths } = parse(
  readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8'),
) as { readonly paths: Record<string, Record<string, Operation>> };

const operations = Object.entries(paths).flatMap(([template, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: operation.operationId,
    method: method.toUpperCase(),
    template,
    operation,
  })),
);

/** The path with its example's parts, and the query of the example. */
function targetOf(template: string, { parameters = [] }: Operation): string {
  const given = parameters.filter(({ example }) => example !== undefined);
  const path = given
    .filter((parameter) => parameter.in === 'path')
    .reduce((text, { name, example }) => text.replace(`{${name}}`, String(example)), template);
  const query = given
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, example }) => [String(name), String(example)] as [string, string]);
  return query.length > 0 ? `${path}?${new URLSearchParams(query)}` : path;
}

describe('the example of', () => {
  it.each(operations)('$name works', async ({ name, method, template, operation }) => {
    const role = operation['x-holdfast-role'];
    const send = await callerAs(role === 'anonymous' ? {} : { role });
    const body = operation.requestBody?.content['application/json']?.example;
    const named = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'header' && parameter.example !== undefined)
      .map((parameter) => [String(parameter.name), String(parameter.example)] as const);
    const unknown = { authorization: undefined, 'x-api-key': undefined };
    const answer = await send<unknown>(method, targetOf(template, operation), {
      ...(body !== undefined && { body }),
      headers: { ...Object.fromEntries(named), ...(role === 'anonymous' && unknown) },
    });
    const { answer: promised }: RouteContract = contracts[name];
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: promised.status });
    promised.body.parse(answer.body);
    for (const header of Object.keys(promised.headers ?? {}))
      expect(answer.headers.get(header)).not.toBeNull();
  });
});
