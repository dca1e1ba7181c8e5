/** Carries out a plan: each action several times at once, and each once more when all are through. */
import type { Action } from './action.ts';
import { pooled } from './pool.ts';
import type { Sender, Sent } from './sender.ts';
import { doneAnswer, type Told, type Trespass } from './told.ts';

export interface HammerOptions {
  readonly sender: Pick<Sender, 'send'>;
  readonly inFlight: number;
  /** One more in flight after so long, until there are all. */
  readonly rampMs?: number;
  /** Told how many requests are through, of those sent at once. */
  readonly onProgress?: (sent: number, of: number) => void;
}

/** Every so many actions that were done meet an impostor. */
const impostorEvery = 12;

/** Every so many actions are asked for by a trespasser as well. */
const trespassEvery = 40;

export async function hammer(
  plan: readonly Action[],
  { sender, inFlight, rampMs = 150, onProgress = () => {} }: HammerOptions,
): Promise<readonly Told[]> {
  const trespassers = trespassersOf(plan);
  const sendings = plan.flatMap((action) => [
    ...(trespassers.get(action) ?? []).map((naming) => ({ action, naming })),
    ...Array.from({ length: action.copies }, () => ({ action, naming: undefined })),
  ]);
  let through = 0;
  const sent = await pooled(
    sendings.map(({ action, naming }) => async () => {
      const one = await sender.send(naming === undefined ? action : { ...action, naming });
      onProgress(++through, sendings.length);
      return { action, naming, ...one };
    }),
    inFlight,
    rampMs,
  );
  const first = Map.groupBy(sent, ({ action }) => action);
  const again = await pooled(
    plan.map((action) => () => sender.send(action)),
    inFlight,
  );
  const told = plan.map((action, index): Told => {
    const atOnce = first.get(action) ?? [];
    const all: readonly Sent[] = [
      ...atOnce.filter(({ naming }) => naming === undefined),
      ...again.slice(index, index + 1),
    ];
    return {
      action,
      answers: all.map(({ answer }) => answer),
      turnedAway: all.flatMap(({ turnedAway }) => turnedAway),
      traceIds: all.flatMap(({ traceIds }) => traceIds),
      impostors: [],
      trespasses: atOnce.flatMap(({ naming, answer, traceIds }): Trespass[] =>
        naming === undefined ? [] : [{ naming, answer, traceIds }],
      ),
    };
  });
  return pooled(
    told.map((one, index) => async () => {
      const { body } = one.action;
      if (!doneAnswer(one) || !body || index % impostorEvery > 0) return one;
      const { answer, traceIds } = await sender.send({ ...one.action, body: impostorOf(body) });
      return { ...one, impostors: [answer], traceIds: [...one.traceIds, ...traceIds] };
    }),
    inFlight,
  );
}

/** Which tenants callers name who have no business there: others of the run, that have the same things. */
function trespassersOf(plan: readonly Action[]): ReadonlyMap<Action, readonly string[]> {
  const tenants = [...new Set(plan.map(({ caller }) => caller.tenant))];
  return new Map(
    plan
      .filter((_, index) => index % trespassEvery === 0)
      .map((action) => [
        action,
        tenants.filter((tenant) => tenant !== action.caller.tenant).slice(0, 1),
      ]),
  );
}

/** Another body that is as valid: one value of it is another. */
function impostorOf(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (typeof body['amountMinor'] === 'number')
    return { ...body, amountMinor: body['amountMinor'] + 1 };
  if (typeof body['restock'] === 'number') return { ...body, restock: body['restock'] + 1 };
  if (typeof body['option'] === 'string')
    return { ...body, option: body['option'] === 'tea' ? 'coffee' : 'tea' };
  if (typeof body['holdForSeconds'] === 'number')
    return { ...body, holdForSeconds: body['holdForSeconds'] - 1 };
  if (typeof body['channel'] === 'string') return { ...body, channel: 'impostors' };
  return { ...body, address: 'Impostors Lane' };
}
