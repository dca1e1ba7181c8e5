/** Carries out a plan: each action several times at once, and each once more when all are through. */
import type { Action } from './action.ts';
import { pooled } from './pool.ts';
import type { Sender, Sent } from './sender.ts';
import { doneAnswer, type Told } from './told.ts';

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

export async function hammer(
  plan: readonly Action[],
  { sender, inFlight, rampMs = 150, onProgress = () => {} }: HammerOptions,
): Promise<readonly Told[]> {
  const copies = plan.flatMap((action) => Array.from({ length: action.copies }, () => action));
  let through = 0;
  const sent = await pooled(
    copies.map((action) => async () => {
      const one = await sender.send(action);
      onProgress(++through, copies.length);
      return { action, ...one };
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
    const all: readonly Sent[] = [...(first.get(action) ?? []), ...again.slice(index, index + 1)];
    return {
      action,
      answers: all.map(({ answer }) => answer),
      traceIds: all.flatMap(({ traceIds }) => traceIds),
      impostors: [],
    };
  });
  return pooled(
    told.map((one, index) => async () => {
      const { body } = one.action;
      if (!doneAnswer(one) || !body || index % impostorEvery > 0) return one;
      const { answer, traceIds } = await sender.send(one.action, impostorOf(body));
      return { ...one, impostors: [answer], traceIds: [...one.traceIds, ...traceIds] };
    }),
    inFlight,
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
  return { ...body, address: 'Impostors Lane' };
}
