/** A mutating route: its use case in a unit of work under the caller's Idempotency-Key. */
import type * as z from 'zod';
import type { Answer, Call, Caller } from '#shared/http/call.ts';
import type { Problem } from '#shared/http/problem.ts';
import type { Decision } from '#shared/idempotency/decision.ts';
import type { UnitReader } from '#shared/idempotency/tracked-reads.ts';
import { uuidV8Of } from '#shared/ids/uuid.ts';
import type { Address, Value } from '#shared/state/items.ts';
import type { TransactionStore } from '#shared/state/store.ts';
import { type ApiParts, api, type Respond, type RouteEnvironment } from './api.ts';
import type { InputOf, RouteContract } from './contract.ts';
import { keyedRequest, toAnswer, writingRow } from './keyed-request.ts';
import { retention } from './tables/retention.ts';
import type { RouteName } from './tables/routes.ts';
import { unitFor } from './unit.ts';

export interface Making {
  /**
   * The id of what the request makes: a UUIDv8 of its idempotency key, so that every run and every
   * retry makes the same thing.
   */
  readonly id: string;
}

type AnswerOf<C extends RouteContract> = z.infer<C['answer']['body']>;

export interface WriteRouteOptions<C extends RouteContract> {
  readonly store: TransactionStore;
  /** Decides on what it reads; it may run several times. A refusal is the problem that says it. */
  readonly decide: (
    call: Call<InputOf<C>>,
    reader: UnitReader,
    making: Making,
  ) => Promise<Decision<AnswerOf<C> & Value, Problem>>;
  /** Headers of the answer, from its body alone, so that a replay has the same. */
  readonly headers?: (answer: AnswerOf<C>) => Readonly<Record<string, string>>;
  /**
   * Where the entity will be that the request makes, under `id`: for a POST that makes one. The
   * decision puts it there (`when: { absent: true }`), and the entity is the record of its making:
   * no other is written, and its key is taken for as long as the entity exists. Whoever changes the
   * entity later does so with `set`, so that its attribute `made` stays.
   */
  readonly entityAt?: (caller: Caller, id: string) => Address;
  /**
   * Gives the first answer back for a replay, from what never changes of the entities it was made
   * of. The record then keeps no answer but its hash, which the answer given back must have.
   */
  readonly rebuild?: (
    call: Call<InputOf<C>>,
    reader: UnitReader,
    making: Making,
  ) => Promise<AnswerOf<C> & Value>;
}

/** @throws RangeError for a route that takes no key, or that makes nothing at `entityAt`. */
export function writeRoute<Name extends RouteName, C extends RouteContract>(
  environment: RouteEnvironment<Name>,
  contract: C,
  { store, decide, headers = () => ({}), entityAt, rebuild }: WriteRouteOptions<C>,
  parts: ApiParts = {},
) {
  const { name } = environment;
  const row = writingRow(name);
  if (entityAt && row.method !== 'POST')
    throw new RangeError(
      `entityAt is for a POST that makes an entity, and ${name} is a ${row.method}`,
    );

  const respond: Respond<C> = async (call, scope): Promise<Answer> => {
    const request = keyedRequest(name, call);
    const making = { id: uuidV8Of(request.key) };
    const outcome = await unitFor(store, scope).run(
      {
        ...request,
        ...(entityAt
          ? { entityAt: entityAt(call.caller, making.id) }
          : { retainMs: retention.idempotencyMs }),
        ...(rebuild && { rebuild: (reader) => rebuild(call, reader, making) }),
      },
      (reader) => decide(call, reader, making),
    );
    return toAnswer(contract, outcome, headers);
  };
  return api(environment, contract, respond, parts);
}
