/**
 * A mutating route that takes a lease before it begins: because it asks something outside, or because
 * a duplicate is to be told so (409) while the first is under way.
 */
import type * as z from 'zod';
import type { Answer, Call } from '#shared/http/call.ts';
import type { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { Deciding, Effected, Outside } from '#shared/idempotency/leased-work.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import type { Value } from '#shared/state/items.ts';
import type { ItemWriter, TransactionStore } from '#shared/state/store.ts';
import { type ApiParts, api, type Respond } from './api.ts';
import type { InputOf, RouteContract } from './contract.ts';
import type { Environment } from './env.ts';
import { keyedRequest, toAnswer, writingRow } from './keyed-request.ts';
import { retention } from './tables/retention.ts';
import type { RouteName } from './tables/routes.ts';
import { leasedUnitFor } from './unit.ts';

type AnswerOf<C extends RouteContract> = z.infer<C['answer']['body']>;

export interface LeasedRouteOptions<C extends RouteContract, E> {
  readonly store: TransactionStore & ItemWriter;
  /** See LeasedWork: a refusal before the lease, which costs no write. */
  readonly refuseEarly?: (
    call: Call<InputOf<C>>,
    look: Outside['look'],
  ) => Promise<Problem | undefined>;
  /** See LeasedWork. What the route is a front of, asked under the key that it is given. */
  readonly effect: (call: Call<InputOf<C>>, outside: Outside) => Promise<Effected<E, Problem>>;
  /** See LeasedWork: it refuses only where the effect has done nothing outside. */
  readonly decide: (
    call: Call<InputOf<C>>,
    done: E,
    reader: UnitReader,
    deciding: Deciding,
  ) => Promise<Decision<AnswerOf<C> & Value, Problem>>;
  /** Headers of the answer, from its body alone, so that a replay has the same. */
  readonly headers?: (answer: AnswerOf<C>) => Readonly<Record<string, string>>;
}

/** @throws RangeError for a route that takes no key. */
export function leasedRoute<Name extends RouteName, C extends RouteContract, E>(
  environment: Pick<Environment<Name>, 'name' | 'secretIds' | 'tracing'>,
  contract: C,
  { store, refuseEarly, effect, decide, headers = () => ({}) }: LeasedRouteOptions<C, E>,
  parts: ApiParts = {},
) {
  const { name } = environment;
  const { budgetMs } = writingRow(name);

  const respond: Respond<C> = async (call, scope): Promise<Answer> => {
    const outcome = await leasedUnitFor(store, scope).run<E, AnswerOf<C> & Value, Problem>(
      { ...keyedRequest(name, call), retainMs: retention.idempotencyMs, holdMs: budgetMs },
      {
        ...(refuseEarly && { refuseEarly: (look) => refuseEarly(call, look) }),
        effect: (outside) => effect(call, outside),
        decide: (done, reader, deciding) => decide(call, done, reader, deciding),
      },
    );
    return toAnswer(contract, outcome, headers);
  };
  return api(environment, contract, respond, parts);
}
