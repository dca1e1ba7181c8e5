/** `npm run ops -- dlq …`: dead letters, without the API in between. */
import { letterQueues } from '#functions/tables/letters.ts';
import { discard, type Letter } from '#shared/parking/letter.ts';
import { letterWrite } from '#shared/parking/letter-items.ts';
import { letterNamed, pageOfLetters, summarizeQueue } from '#shared/parking/letters.ts';
import type { Progress } from '#shared/parking/replay.ts';
import type { DynamoStore } from '#shared/state/dynamodb-store.ts';
import { type DlqOrder, readDlqOptions } from './dlq-options.ts';
import { type FollowReplayOptions, followReplay, planned, startReplay } from './dlq-replay.ts';
import { type Bar, progressBar } from './progress-bar.ts';
import { enterStage, type StackOptions } from './stack.ts';
import { stageStore } from './stage-clients.ts';
import { type Said, say } from './stage-options.ts';

const table = 'parked';

export interface DlqParts {
  readonly store: DynamoStore;
  readonly tell: (said: Said) => void;
  readonly bar?: Bar;
  readonly now?: () => number;
  readonly sleep?: FollowReplayOptions['sleep'];
}

type Asked = DlqOrder & { readonly dryRun: boolean };

/** @returns the exit code: 0 done, 1 not there, or not all of it went well. */
export async function carryOut(asked: Asked, parts: DlqParts): Promise<number> {
  switch (asked.order) {
    case 'summary':
      return summarize(parts);
    case 'list':
      return list(asked, parts);
    case 'show':
      return show(asked, parts);
    case 'discard':
      return discardOne(asked, parts);
    case 'replay':
      return replay(asked, parts);
    case 'follow':
      return follow(asked, parts);
  }
}

type Order<Name extends DlqOrder['order']> = Extract<Asked, { readonly order: Name }>;

async function summarize({ store, tell, now = Date.now }: DlqParts): Promise<number> {
  let waiting = 0;
  for (const queue of letterQueues) {
    const query = { store, table, queue, mostRead: 10_000, nowMs: now() };
    const { causes, truncated } = await summarizeQueue(query);
    for (const { cause, count, oldestParkedAtMs, sampleId } of causes) {
      waiting += count;
      const oldest = new Date(oldestParkedAtMs).toISOString();
      tell({
        text: `${queue}  ${count}${truncated ? '+' : ''}  ${cause}  oldest ${oldest}  such as ${sampleId}`,
        facts: { queue, cause, count, truncated, oldestParkedAt: oldest, sampleId },
      });
    }
  }
  if (waiting === 0) tell({ text: 'no letter waits', facts: { waiting } });
  return 0;
}

async function list(
  { queue, cause, tenant, state, limit }: Order<'list'>,
  { store, tell, now = Date.now }: DlqParts,
): Promise<number> {
  const { letters, next } = await pageOfLetters({
    ...{ store, table, queue, limit, mostRead: 10_000, nowMs: now() },
    filter: { cause, tenant, states: [state] },
  });
  for (const letter of letters) tell(lineOf(letter));
  if (next)
    tell({ text: `more than these ${letters.length} (--limit)`, facts: { truncated: true } });
  else if (letters.length === 0) tell({ text: `no letter is ${state}`, facts: { letters: 0 } });
  return 0;
}

function lineOf({ body: _, stored: __, ...letter }: Letter): Said {
  const { id, cause, event, parkedAtMs, parkings } = letter;
  const parkedAt = new Date(parkedAtMs).toISOString();
  const about = event ? `${event.type} of ${event.tenant}` : 'no event';
  return {
    text: `${id}  ${parkedAt}  ${cause}  ${about}  parked ${parkings} time(s)`,
    facts: letter,
  };
}

const notThere = (id: string): Said => ({
  text: `there is no letter ${id} in this queue`,
  facts: { id, found: false },
});

async function show(
  { queue, id }: Order<'show'>,
  { store, tell, now = Date.now }: DlqParts,
): Promise<number> {
  const letter = await letterNamed(store, { table, queue, id, nowMs: now() });
  if (!letter) {
    tell(notThere(id));
    return 1;
  }
  tell({ text: JSON.stringify(letter, undefined, 2), facts: { ...letter } });
  return 0;
}

async function discardOne(
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
    tell({ text: `${id} is ${decision.because}, and stays`, facts: { id, state: letter.state } });
    return 1;
  }
  if (decision.how === 'discarded' && !dryRun) {
    const { applied } = await store.write(letterWrite(table, letter, decision.letter));
    if (!applied) {
      tell({ text: `${id} has changed just now; look again`, facts: { id, contended: true } });
      return 1;
    }
  }
  const is = decision.how === 'unchanged' ? 'was' : dryRun ? 'would be' : 'is';
  tell({ text: `${id} ${is} discarded`, facts: { id, discarded: !dryRun, dryRun } });
  return 0;
}

async function replay(asked: Order<'replay'>, parts: DlqParts): Promise<number> {
  const { store, tell, now = Date.now } = parts;
  const { wanted, queue, dryRun } = asked;
  const { letters, progress, truncated } = await planned(store, asked, now());
  const unfit = letters.filter(({ how }) => how !== 'replayed');
  const refused = 'ids' in wanted && unfit.length > 0;
  if (refused)
    for (const letter of unfit)
      if ('because' in letter)
        tell({ text: `${letter.id}: ${letter.because}`, facts: { ...letter } });
  if (refused || dryRun || progress.replayed === 0) {
    const text = `${refused ? 'nothing done; ' : ''}would replay ${textOf(progress)}${truncated ? '; there are more' : ''}`;
    tell({ text, facts: { ...progress, truncated, dryRun } });
    return refused ? 1 : 0;
  }
  const id = await startReplay(store, asked, now());
  tell({
    text: `replay ${id} has begun; it goes on by itself. To see how far it is:\n  npm run ops -- dlq follow ${queue} ${id}`,
    facts: { replayId: id, queue },
  });
  return watch(queue, id, parts, truncated ? undefined : progress.matched);
}

const follow = ({ queue, id }: Order<'follow'>, parts: DlqParts): Promise<number> =>
  watch(queue, id, parts);

async function watch(
  queue: Order<'follow'>['queue'],
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
  tell({ text: `replay ${state}: ${textOf(progress)}`, facts: { id, state, ...progress } });
  return progress.failed > 0 ? 1 : 0;
}

const textOf = ({ matched, replayed, skipped, failed, because }: Progress): string =>
  `${replayed} of ${matched}, ${skipped} skipped, ${failed} failed${Object.entries(because)
    .map(([reason, count]) => `, ${reason} ${count}`)
    .join('')}`;

export async function dlq(
  args: readonly string[],
  out: (text: string) => void,
  stackOptions: StackOptions = {},
): Promise<number> {
  const { stage, port, json, ...asked } = readDlqOptions(args);
  enterStage(stage, { ...stackOptions, port });
  return carryOut(asked, {
    store: stageStore(stage, ['parked', 'outbox']),
    tell: say(json, out),
    bar: progressBar(),
  });
}
