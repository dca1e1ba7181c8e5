/** What README says of the service is what the tables say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RouteRow, routes } from '#functions/tables/routes.ts';
import { checkout } from './sources.ts';

const readme = readFileSync(join(checkout, 'README.md'), 'utf8');

describe('README', () => {
  it.each(Object.entries<RouteRow>(routes))('names the route %s', (_, { method, path }) => {
    expect(readme).toContain(`\`${method} ${path}\``);
  });

  it('names no route that there is not', () => {
    const named = [...readme.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^` ]*)`/g)].map(
      ([, route]) => route,
    );
    const known = Object.values<RouteRow>(routes).map(({ method, path }) => `${method} ${path}`);
    expect(named.filter((route) => route !== undefined && !known.includes(route))).toEqual([]);
  });
});
