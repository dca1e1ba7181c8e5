/** Replays: asked for, and followed to their end. Machines read what the operator's routes answer. */
import { toReplayView } from '#functions/domain/letter-view.ts';
import { faultOfEdit } from '#functions/letter-edit.ts';
import type { LetterQueue } from '#functions/tables/letters.ts';
import { maxEventBytes } from '#shared/outbox/event.ts';
import { letterNamed } from '#shared/parking/letters.ts';
import {
  lettersOfStep,
  type Progress,
  type Replay,
  secondsOfStep,
} from '#shared/parking/replay.ts';
import { type DlqParts, type Order, table } from './dlq-parts.ts';
import { followReplay, newReplay, planned, startReplay } from './dlq-replay.ts';
import { textOf } from './text-of.ts';
import { UsageError } from './usage-error.ts';

export async function replay(asked: Order<'replay'>, parts: DlqParts): Promise<number> {
  const { store, tell, now = Date.now } = parts;
  const { wanted, queue, dryRun } = asked;
  const edit = await readEdit(asked, parts);
  if (edit && 'fault' in edit) {
    const errors = [{ pointer: '/edit/body', detail: edit.fault }];
    tell({
      text: `nothing done; the body cannot go in its place: ${edit.fault}`,
      facts: { errors },
    });
    return 1;
  }
  const { letters, progress, truncated } = await planned(store, asked, now());
  const unfit = letters.flatMap((letter, index) =>
    'because' in letter ? [{ ...letter, index }] : [],
  );
  const refused = 'ids' in wanted && unfit.length > 0;
  const begun = newReplay({ ...asked, ...(edit && { edit }) }, now());
  if (refused) {
    for (const { id, because } of unfit) tell({ text: `${id}: ${because}` });
    const errors = unfit.map(({ index, because }) => ({
      pointer: `/ids/${index}`,
      detail: because,
    }));
    tell({
      text: `nothing done, as not all of them can be replayed: ${numbersOf(progress)}`,
      facts: { errors },
    });
    return 1;
  }
  if (dryRun || progress.replayed === 0) {
    // Nothing is kept of it, so it has no name to ask for it by.
    const { id: _, ...view } = toReplayView({ ...begun, state: 'planned', progress, truncated });
    const text = `would replay ${numbersOf(progress)}${truncated ? '; there are more' : ''}`;
    tell({ text, facts: view });
    return 0;
  }
  await startReplay(store, begun);
  tell({
    text: `replay ${begun.id} has begun; it goes on by itself. To see how far it is:\n  npm run ops -- dlq follow ${queue} ${begun.id}${parts.where ?? ''}`,
    facts: toReplayView(begun),
  });
  return watch(queue, begun.id, parts, truncated ? undefined : progress.matched);
}

async function readEdit(
  { queue, wanted, editFrom }: Order<'replay'>,
  { store, readText = textOf, now = Date.now }: DlqParts,
): Promise<Required<Pick<Replay, 'edit'>>['edit'] | { readonly fault: string } | undefined> {
  const [id] = 'ids' in wanted ? wanted.ids : [];
  if (editFrom === undefined || id === undefined) return undefined;
  const body = (await readText(editFrom)).trim();
  if (body.length === 0 || body.length > maxEventBytes)
    throw new UsageError(`--edit must be a body of 1 to ${maxEventBytes} characters`);
  const nowMs = now();
  const letter = await letterNamed(store, { table, queue, id, nowMs });
  // That it is not there is for the plan to say.
  const fault = letter && faultOfEdit(letter, body, nowMs);
  return fault === undefined ? { id, body } : { fault };
}

export const follow = ({ queue, id }: Order<'follow'>, parts: DlqParts): Promise<number> =>
  watch(queue, id, parts);

async function watch(
  queue: LetterQueue,
  id: string,
  { store, tell, bar, sleep, now = Date.now }: DlqParts,
  total?: number,
): Promise<number> {
  const replay = await followReplay({
    ...{ store, queue, id, now },
    ...(sleep && { sleep }),
    onProgress: ({ progress }) => bar?.show(progress.matched, total, 'letters'),
  });
  bar?.clear();
  if (!replay) {
    tell({ text: `there is no replay ${id}`, facts: { id, found: false } });
    return 1;
  }
  const { progress, state } = replay;
  const text = `replay ${state}: ${numbersOf(progress)}${arrivalOf(replay, now())}`;
  tell({ text, facts: toReplayView(replay) });
  return progress.failed > 0 ? 1 : 0;
}

/** Its last step hands the queue all its messages at once, each to be held back for its turn. */
function arrivalOf(
  { state, progress: { replayed }, ratePerSecond, finishedAtMs }: Replay,
  nowMs: number,
): string {
  if (state !== 'done') return '';
  const letters = Math.min(replayed, lettersOfStep(ratePerSecond));
  const elapsed = Math.floor((nowMs - (finishedAtMs ?? nowMs)) / 1_000);
  const seconds = secondsOfStep(letters, ratePerSecond) - elapsed;
  return seconds > 0 ? `; they arrive over the next ${seconds} s` : '';
}

const numbersOf = ({ matched, replayed, skipped, failed, because }: Progress): string =>
  `${replayed} of ${matched}, ${skipped} skipped, ${failed} failed${Object.entries(because)
    .map(([reason, count]) => `, ${reason} ${count}`)
    .join('')}`;
