/** Letters: counted, listed, shown, discarded. Machines read what the operator's routes answer. */
import { toLetterView, toWholeLetterView } from '#functions/domain/letter-view.ts';
import { letterQueueSlug, letterQueues } from '#functions/tables/letters.ts';
import { discard } from '#shared/parking/discard-letter.ts';
import type { Letter } from '#shared/parking/letter.ts';
import { letterWrite } from '#shared/parking/letter-items.ts';
import {
  letterNamed,
  pageOfLetters,
  summarizeQueue,
  withoutBody,
} from '#shared/parking/letters.ts';
import { type DlqParts, notThere, type Order, table } from './dlq-parts.ts';
import type { Said } from './stage-options.ts';

const mostRead = 10_000;

export async function summarize({ store, tell, now = Date.now }: DlqParts): Promise<number> {
  let waiting = 0;
  for (const queue of letterQueues) {
    const query = { store, table, queue, mostRead, nowMs: now() };
    const { causes: counted, truncated } = await summarizeQueue(query);
    const causes = counted.map(({ oldestParkedAtMs, ...cause }) => ({
      ...cause,
      oldestParkedAt: new Date(oldestParkedAtMs).toISOString(),
    }));
    waiting += causes.length;
    const lines = causes.map(
      ({ cause, count, oldestParkedAt, sampleId }) =>
        `${queue}  ${count}${truncated ? '+' : ''}  ${cause}  oldest ${oldestParkedAt}  such as ${sampleId}`,
    );
    tell({
      ...(lines.length > 0 && { text: lines.join('\n') }),
      facts: { queue: letterQueueSlug(queue), causes, truncated },
    });
  }
  if (waiting === 0) tell({ text: 'no letter waits' });
  return 0;
}

export async function list(
  { queue, filter, state, limit }: Order<'list'>,
  { store, tell, now = Date.now }: DlqParts,
): Promise<number> {
  const { letters, next } = await pageOfLetters({
    ...{ store, table, queue, limit, mostRead, nowMs: now() },
    filter: { ...filter, states: [state] },
  });
  for (const letter of letters) tell(lineOf(letter));
  if (next)
    tell({ text: `more than these ${letters.length} (--limit)`, facts: { truncated: true } });
  else if (letters.length === 0) tell({ text: `no letter is ${state}` });
  return 0;
}

function lineOf(letter: Letter): Said {
  const { id, cause, event, parkings } = letter;
  const facts = toLetterView(letter);
  const about = event ? `${event.type} of ${event.tenant}` : 'no event';
  return {
    text: `${id}  ${facts.parkedAt}  ${cause}  ${about}  parked ${parkings} time(s)`,
    facts,
  };
}

export async function show(
  { queue, id }: Order<'show'>,
  { store, tell, now = Date.now }: DlqParts,
): Promise<number> {
  const letter = await letterNamed(store, { table, queue, id, nowMs: now() });
  if (!letter) {
    tell(notThere(id));
    return 1;
  }
  const facts = toWholeLetterView(letter);
  tell({ text: JSON.stringify(facts, undefined, 2), facts });
  return 0;
}

export async function discardOne(
  { queue, id, reason, by, dryRun }: Order<'discard'>,
  { store, tell, now = Date.now }: DlqParts,
): Promise<number> {
  const nowMs = now();
  const letter = await letterNamed(store, { table, queue, id, nowMs });
  if (!letter) {
    tell(notThere(id));
    return 1;
  }
  const decision = discard(letter, { by, reason, nowMs });
  if (decision.how === 'refused') {
    tell({ text: `${id} is ${decision.because}, and stays`, facts: viewOf(letter) });
    return 1;
  }
  if (decision.how === 'unchanged') {
    const { by: first = '', reason: why = '' } = letter.discarded ?? {};
    const text = `${id} was discarded before, by ${first}: ${why}. That reason stands`;
    tell({ text, facts: viewOf(letter) });
    return 0;
  }
  if (!dryRun) {
    const { applied } = await store.write(letterWrite(table, letter, decision.letter));
    if (!applied) {
      tell({ text: `${id} has changed just now; look again`, facts: { id, contended: true } });
      return 1;
    }
  }
  const facts = { ...viewOf(decision.letter), ...(dryRun && { dryRun }) };
  tell({ text: `${id} ${dryRun ? 'would be' : 'is'} discarded`, facts });
  return 0;
}

/** Without its body, as the route answers. */
const viewOf = (letter: Letter) => toWholeLetterView(withoutBody(letter));
