import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RouteContract } from '#functions/contract.ts';
import { contracts } from '#functions/contracts.ts';
import { openApiDocument, openApiText } from '#functions/openapi.ts';
import { problemExample } from '#functions/openapi-components.ts';
import { problemsOf } from '#functions/route-problems.ts';
import { type RouteName, type RouteRow, routes } from '#functions/tables/routes.ts';
import { cors } from '#infra/gateway.ts';
import { needsIdempotencyKey } from '#shared/http/idempotency-key.ts';
import { problemTypes } from '#shared/http/problem-types.ts';
import { everyAnswer } from '#shared/http/result.ts';
import { rateLimitHeaderNames } from '#shared/rate-limit/headers.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { version } = JSON.parse(read('package.json'));
const document = openApiDocument({ routes, contracts, version });

const operations = (Object.keys(routes) as RouteName[]).map((name) => {
  const row: RouteRow = routes[name];
  const contract: RouteContract = contracts[name];
  const operation = document.paths?.[row.path]?.[row.method.toLowerCase() as 'get'];
  return { name, row, contract, operation };
});

const refsIn = (value: unknown): string[] =>
  value === null || typeof value !== 'object'
    ? []
    : Object.entries(value).flatMap(([name, inner]) =>
        name === '$ref' ? [String(inner)] : refsIn(inner),
      );

describe('docs/openapi.yaml', () => {
  it('is what the routes and their contracts make (node functions/openapi.ts writes it)', () => {
    expect(read('docs/openapi.yaml')).toBe(openApiText(version));
  });

  it('has nothing that it does not define', () => {
    const refs = new Set(refsIn(document));
    expect(refs.size).toBeGreaterThan(20);
    for (const ref of refs) {
      const found = ref
        .replace('#/', '')
        .split('/')
        .reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], document);
      expect([ref, found]).toEqual([ref, expect.any(Object)]);
    }
  });

  it('is not made of a route without a contract', () => {
    expect(() => openApiDocument({ routes, contracts: {}, version })).toThrow(
      'the route create-order has no contract',
    );
  });
});

/** A part of an operation as it stands there, or as the component to which it refers. */
function resolved<Part>(part: unknown, kind: 'parameters' | 'responses'): Part {
  const name = (part as { readonly $ref?: string }).$ref?.split('/').at(-1);
  return (name === undefined ? part : document.components?.[kind]?.[name]) as Part;
}

/** Names of the header fields that a response is said to have. */
const headersOf = (response: unknown): string[] =>
  Object.keys(resolved<{ readonly headers?: object }>(response, 'responses').headers ?? {});

describe('a problem', () => {
  it('names the limits that refused, as its page does', () => {
    expect(document.components?.schemas?.['Problem']).toMatchObject({
      properties: { 'violated-policies': { type: 'array', items: { type: 'string' } } },
    });
    const [, json = ''] = /```json\n(.*?)```/s.exec(read('docs/problems/rate-limited.md')) ?? [];
    expect(problemExample('rate-limited').value).toEqual(JSON.parse(json));
  });
});

describe('what a browser', () => {
  it('may send is every header field that an operation takes', () => {
    const taken = operations.flatMap(({ operation }) =>
      (operation?.parameters ?? []).map((parameter) =>
        resolved<{ readonly in: string; readonly name: string }>(parameter, 'parameters'),
      ),
    );
    const allowed = cors.requestHeaders.map((name) => name.toLowerCase());
    const headers = taken.filter((parameter) => parameter.in === 'header').map(({ name }) => name);
    expect(new Set(headers).size).toBeGreaterThan(6);
    expect(allowed).toEqual(expect.arrayContaining(headers));
  });

  it('may read is every header field that an answer is said to have', () => {
    // One that needs no leave (CORS-safelisted), and one that is for caches alone.
    const free = ['cache-control', 'vary'];
    const read = everyAnswer['access-control-expose-headers'].split(', ');
    const told = operations.flatMap(({ operation }) =>
      Object.values(operation?.responses ?? {}).flatMap(headersOf),
    );
    expect([...new Set(told)].filter((name) => !free.includes(name)).toSorted()).toEqual(read);
  });
});

describe.each(operations)('the operation $name', ({ name, row, contract, operation }) => {
  it('is named after its route and answers with its status', () => {
    expect(operation?.operationId).toBe(name);
    expect(operation?.responses).toHaveProperty(String(contract.answer.status));
  });

  it('declares exactly the parameters of its path', () => {
    const inTemplate = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const declared = (operation?.parameters ?? []).flatMap((parameter) =>
      'in' in parameter && parameter.in === 'path' ? [parameter.name] : [],
    );
    expect(declared).toEqual(inTemplate);
  });

  it('has an example that its contract and its row take', () => {
    const { role, body, query = {}, path = {} } = contract.example;
    expect(row.auth === 'anonymous' ? ['anonymous'] : row.auth).toContain(role);
    for (const [schema, value] of [
      [contract.body, body],
      [contract.query, query],
      [contract.path, path],
    ] as const)
      if (schema) expect(schema.safeParse(value)).toMatchObject({ success: true });
    for (const [given, schema] of [
      [body, contract.body],
      [contract.example.query, contract.query],
      [contract.example.path, contract.path],
    ])
      expect(schema !== undefined || given === undefined).toBe(true);
    expect(operation).toMatchObject({ 'x-holdfast-role': role });
  });

  it('asks for a key to change something, and for a token unless anyone may call', () => {
    const refs = refsIn(operation?.parameters);
    expect(refs.includes('#/components/parameters/IdempotencyKey')).toBe(
      needsIdempotencyKey(row.method),
    );
    const [schemes = {}] = operation?.security ?? [];
    expect(Object.keys(schemes)).toEqual([
      ...(row.auth === 'anonymous' ? [] : ['bearer']),
      ...(row.apiKeyRequired ? ['apiKey'] : []),
    ]);
  });

  it('has a response for each problem that it meets', () => {
    for (const slug of problemsOf(row, contract)) {
      const { status } = problemTypes[slug];
      const [ref = ''] = refsIn(operation?.responses?.[`${status}` as '400']);
      expect(ref.split('/').at(-1)?.split('.')).toContain(slug);
    }
  });

  it('says with every answer which request it was, and where its caller stands', () => {
    const limits = row.limitGroup === 'none' ? [] : rateLimitHeaderNames;
    const answers = Object.entries(operation?.responses ?? {});
    expect(answers.length).toBeGreaterThan(5);
    for (const [status, answer] of answers) {
      const named = headersOf(answer);
      expect([status, named]).toEqual([
        status,
        expect.arrayContaining(['x-request-id', 'traceparent', ...limits]),
      ]);
      if (limits.length === 0) expect(named).not.toContain('ratelimit');
    }
  });
});
