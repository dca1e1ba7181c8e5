/**
 * The OpenAPI document of the service, from its routes and their contracts.
 * `node functions/openapi.ts` writes docs/openapi.yaml; a test holds the two equal.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiParameters,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { needsIdempotencyKey } from '#shared/http/idempotency-key.ts';
import { ifMatchHeader } from '#shared/http/if-match.ts';
import { type ProblemSlug, problemTypes } from '#shared/http/problem-types.ts';
import type { Example, RouteContract } from './contract.ts';
import { contracts } from './contracts.ts';
import {
  about,
  answered,
  headers,
  parameters,
  problem,
  problemExample,
  rateLimited,
  ref,
  securitySchemes,
} from './openapi-components.ts';
import { problemsOf } from './route-problems.ts';
import { type RouteRow, routes } from './tables/routes.ts';

export interface DocumentOptions {
  readonly routes: Readonly<Record<string, RouteRow>>;
  /** By the names of `routes`. */
  readonly contracts: Readonly<Record<string, RouteContract>>;
  readonly version: string;
}

export type Document = ReturnType<typeof createDocument>;

/** @throws RangeError for a route without a contract. */
export function openApiDocument({ routes, contracts, version }: DocumentOptions): Document {
  const operations = Object.entries(routes).map(([name, row]) => {
    const contract = contracts[name];
    if (!contract) throw new RangeError(`the route ${name} has no contract`);
    return { name, row, contract, slugs: problemsOf(row, contract) };
  });
  const byPath = Map.groupBy(operations, ({ row }) => row.path);
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version,
      description: about,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The base URL of a stage, as `npm start` prints it.' }],
    paths: Object.fromEntries(
      [...byPath].map(([path, of]) => [
        path,
        Object.fromEntries(of.map((one) => [one.row.method.toLowerCase(), toOperation(one)])),
      ]),
    ),
    components: {
      securitySchemes,
      parameters,
      headers,
      responses: toProblemResponses(operations),
    },
  } as ZodOpenApiObject);
  for (const { row, contract } of operations) addExample(document, row, contract.example);
  return document;
}

interface Operation {
  readonly name: string;
  readonly row: RouteRow;
  readonly contract: RouteContract;
  readonly slugs: ReadonlySet<ProblemSlug>;
}

function toOperation({ name, row, contract, slugs }: Operation): ZodOpenApiOperationObject {
  const { summary, description, body, query, path, answer, example } = contract;
  const writes = needsIdempotencyKey(row.method);
  const known = row.auth !== 'anonymous';
  const limited = isLimited(row);
  const everyAnswers = { ...(limited && rateLimited), ...answered };
  const security = { ...(known && { bearer: [] }), ...(row.apiKeyRequired && { apiKey: [] }) };
  return {
    operationId: name,
    summary,
    ...(description && { description }),
    tags: [row.path.split('/')[1] ?? ''],
    security: Object.keys(security).length > 0 ? [security] : [],
    'x-holdfast-role': example.role,
    requestParams: { ...(path && { path }), ...(query && { query }) } as ZodOpenApiParameters,
    parameters: [
      ...(writes ? [ref('parameters', 'IdempotencyKey')] : []),
      ...(row.ifMatch
        ? [{ ...parameters.IfMatch, example: example.headers?.[ifMatchHeader] }]
        : []),
      ...(answer.notModified ? [ref('parameters', 'IfNoneMatch')] : []),
      ...(known ? [ref('parameters', 'TenantId'), ref('parameters', 'Deadline')] : []),
      ...(limited ? [ref('parameters', 'Priority')] : []),
      ref('parameters', 'Traceparent'),
    ],
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: body, example: example.body } },
      },
    }),
    responses: {
      [answer.status]: {
        description: answer.description,
        headers: {
          ...describedHeaders(answer.headers),
          ...(writes && { 'idempotency-replayed': ref('headers', 'IdempotencyReplayed') }),
          ...everyAnswers,
        },
        content: { 'application/json': { schema: answer.body } },
      },
      ...(answer.notModified && {
        304: {
          description: answer.notModified,
          headers: { ...describedHeaders(answer.headers), ...everyAnswers },
        },
      }),
      ...Object.fromEntries(
        byStatus(slugs, limited).map(({ status, name }) => [status, ref('responses', name)]),
      ),
    } as ZodOpenApiResponsesObject,
  };
}

const describedHeaders = (meanings: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries(meanings).map(([header, description]) => [
      header,
      { description, required: true, schema: { type: 'string' } },
    ]),
  );

const isLimited = ({ limitGroup }: RouteRow): boolean => limitGroup !== 'none';

/** One response a status, made of the problems that share it, and named after them. */
const byStatus = (slugs: ReadonlySet<ProblemSlug>, limited: boolean) =>
  [...Map.groupBy(slugs, (slug) => problemTypes[slug].status)].map(([status, of]) => ({
    status,
    of,
    limited,
    name: [...of, ...(limited ? [] : ['unlimited'])].join('.'),
  }));

type ProblemResponse = ReturnType<typeof byStatus>[number];

const toProblemResponses = (operations: readonly Operation[]) =>
  Object.fromEntries(
    operations
      .flatMap(({ slugs, row }) => byStatus(slugs, isLimited(row)))
      .map((response) => [response.name, toProblemResponse(response)]),
  );

const toProblemResponse = ({ status, of: slugs, limited }: ProblemResponse) => ({
  description: slugs.map((slug) => problemTypes[slug].title).join(' / '),
  headers: {
    ...(status === 401 && { 'www-authenticate': ref('headers', 'WwwAuthenticate') }),
    ...((status === 429 || status === 503) && { 'retry-after': ref('headers', 'RetryAfter') }),
    ...(limited && rateLimited),
    ...answered,
  },
  content: {
    'application/problem+json': {
      schema: problem,
      examples: Object.fromEntries(slugs.map((slug) => [slug, problemExample(slug)])),
    },
  },
});

/** zod-openapi makes the parameters, so their examples are added to what it made. */
function addExample(document: Document, { path, method }: RouteRow, example: Example): void {
  const operation = document.paths?.[path]?.[method.toLowerCase() as 'get'];
  for (const parameter of operation?.parameters ?? []) {
    if ('$ref' in parameter) continue;
    const values = parameter.in === 'path' ? example.path : example.query;
    const value = values?.[parameter.name];
    if (value !== undefined) parameter.example = isNumeric(parameter) ? Number(value) : value;
  }
}

const isNumeric = ({ schema }: { readonly schema?: unknown }): boolean => {
  const { type } = (schema ?? {}) as { readonly type?: unknown };
  return type === 'integer' || type === 'number';
};

/** The whole of docs/openapi.yaml. */
export const openApiText = (version: string): string =>
  `# Made by functions/openapi.ts. Do not edit.\n${stringify(
    openApiDocument({ routes, contracts, version }),
    { aliasDuplicateObjects: false, lineWidth: 0 },
  )}`;

if (import.meta.main) {
  const at = (path: string) => new URL(`../${path}`, import.meta.url);
  const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  writeFileSync(at('docs/openapi.yaml'), openApiText(version));
  console.log('wrote docs/openapi.yaml');
}
