/** What all mutating routes have in common: a request as its unit of work knows it, and its answer. */
import type { Answer, Call } from '#shared/http/call.ts';
import { needsIdempotencyKey } from '#shared/http/idempotency-key.ts';
import type { Problem } from '#shared/http/problem.ts';
import type { Outcome, UnitRequest } from '#shared/idempotency/decision.ts';
import { fingerprint, unitKey } from '#shared/idempotency/key.ts';
import type { RouteContract } from './contract.ts';
import { type RouteName, type RouteRow, routes } from './tables/routes.ts';

/** @throws RangeError for a route that takes no key. */
export function writingRow(name: RouteName): RouteRow {
  const row: RouteRow = routes[name];
  if (!needsIdempotencyKey(row.method))
    throw new RangeError(`${name} is a ${row.method}: it takes no Idempotency-Key`);
  return row;
}

interface AnyInput {
  readonly body: unknown;
}

export function keyedRequest(
  name: RouteName,
  { caller, idempotencyKey, method, path, query, headers, input, deadline }: Call<AnyInput>,
): Pick<UnitRequest, 'key' | 'fingerprint' | 'deadline' | 'subject'> & { readonly peek: boolean } {
  if (idempotencyKey === undefined) throw new Error('the chain lets no write pass without a key');
  const row: RouteRow = routes[name];
  return {
    key: unitKey(caller.tenant, caller.user, `${row.method} ${row.path}`, idempotencyKey),
    fingerprint: fingerprint({
      method,
      path,
      query,
      ifMatch: headers['if-match'] ?? '',
      body: input.body,
    }),
    peek: row.peek ?? false,
    deadline,
    subject: name,
  };
}

/** @throws the problem that a refusal is. */
export function toAnswer<A>(
  contract: Pick<RouteContract, 'answer'>,
  outcome: Outcome<A, Problem>,
  headers: (answer: A) => Readonly<Record<string, string>>,
): Answer {
  if (outcome.how === 'refused') throw outcome.refusal;
  return {
    status: contract.answer.status,
    headers: {
      ...headers(outcome.answer),
      ...(outcome.how === 'replayed' && { 'idempotency-replayed': 'true' }),
    },
    body: outcome.answer,
  };
}
