/** A mutating route: its use case in a unit of work under the caller's Idempotency-Key. */
import type * as z from 'zod';
import type { Answer, Call } from '#shared/http/call.ts';
import type { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import { fingerprint, unitKey } from '#shared/idempotency/key.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { uuidV8Of } from '#shared/ids/uuid.ts';
import type { Value } from '#shared/state/items.ts';
import type { TransactionStore } from '#shared/state/store.ts';
import { api } from './api.ts';
import type { InputOf, RouteContract } from './contract.ts';
import type { Environment } from './env.ts';
import { retention } from './tables/retention.ts';
import { type RouteName, type RouteRow, routes } from './tables/routes.ts';
import { unitFor } from './unit.ts';

export interface Making {
  /**
   * The id of what the request makes: a UUIDv8 of its idempotency key, so that every run and every
   * retry makes the same thing.
   */
  readonly id: string;
}

export interface WriteRouteOptions<C extends RouteContract> {
  readonly store: TransactionStore;
  /** Decides on what it reads; it may run several times. A refusal is the problem that says it. */
  readonly decide: (
    call: Call<InputOf<C>>,
    reader: UnitReader,
    making: Making,
  ) => Promise<Decision<z.infer<C['answer']['body']> & Value, Problem>>;
  /** Headers of the answer, from its body alone, so that a replay has the same. */
  readonly headers?: (answer: z.infer<C['answer']['body']>) => Readonly<Record<string, string>>;
}

export const writeRoute = <Name extends RouteName, C extends RouteContract>(
  environment: Pick<Environment<Name>, 'name' | 'secretIds' | 'tracing'>,
  contract: C,
  { store, decide, headers = () => ({}) }: WriteRouteOptions<C>,
) =>
  api(environment, contract, async (call, scope): Promise<Answer> => {
    const row: RouteRow = routes[environment.name];
    const { caller, idempotencyKey } = call;
    if (idempotencyKey === undefined) throw new Error('the chain lets no write pass without a key');

    const key = unitKey(caller.tenant, caller.user, `${row.method} ${row.path}`, idempotencyKey);
    const outcome = await unitFor(store, scope).run(
      {
        key,
        fingerprint: fingerprint({
          method: call.method,
          path: call.path,
          query: call.query,
          ifMatch: call.headers['if-match'] ?? '',
          body: call.input.body,
        }),
        retainMs: retention.idempotencyMs,
        peek: row.peek ?? false,
        deadline: call.deadline,
        subject: environment.name,
      },
      (reader) => decide(call, reader, { id: uuidV8Of(key) }),
    );
    if (outcome.how === 'refused') throw outcome.refusal;
    return {
      status: contract.answer.status,
      headers: {
        ...headers(outcome.answer),
        ...(outcome.how === 'replayed' && { 'idempotency-replayed': 'true' }),
      },
      body: outcome.answer,
    };
  });
