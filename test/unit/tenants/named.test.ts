/** Where a request can name a tenant, and what every route that checks it can do about it. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { RouteContract } from '#functions/contract.ts';
import { contracts } from '#functions/contracts.ts';
import { type FunctionRow, functions } from '#functions/tables/functions.ts';
import { type RouteName, type RouteRow, routes } from '#functions/tables/routes.ts';
import { tenantParameter } from '#shared/http/authenticate.ts';

const names = Object.keys(routes) as RouteName[];
const checked = names.filter((name) => routes[name].auth !== 'anonymous');

/** Operators choose among the tenants' events and letters; `tenant` is a filter there, no boundary. */
const filters: readonly RouteName[] = ['list-dead-letters', 'replay-dead-letters', 'replay-outbox'];

/** Names of everything in a schema, at any depth. */
function namesIn(schema: z.ZodType | undefined): readonly string[] {
  if (!schema) return [];
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [name, value] of Object.entries(node)) {
      if (name === 'properties') found.push(...Object.keys(value as object));
      visit(value);
    }
  };
  visit(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return found;
}

const isTenantName = (name: string): boolean =>
  /tenant|^tid$|account.?of|organi[sz]ation/i.test(name);

describe.each(names)('the route %s', (name) => {
  const { path, query, body }: RouteContract = contracts[name];
  const row: RouteRow = routes[name];

  it('names no tenant in query or body, but for operators’ filters', () => {
    const named = [...namesIn(query), ...namesIn(body)].filter(isTenantName);
    expect(named).toEqual(filters.includes(name) ? ['tenant'] : []);
    if (filters.includes(name)) expect(row.auth).toEqual(['service']);
  });

  it('names one in its path only where it is looked for', () => {
    const inTemplate = [...row.path.matchAll(/\{(\w+)\+?\}/g)].map(
      ([, parameter = '']) => parameter,
    );
    const named = [...inTemplate, ...namesIn(path)].filter(isTenantName);
    expect(named.filter((parameter) => parameter !== tenantParameter)).toEqual([]);
  });
});

it.each(checked)('%s may write an event of a violation', (name) => {
  const row: FunctionRow = functions[name];
  expect(row.tables?.outbox).toContain('PutItem');
});
