/** What `npm run ops -- dlq …` was asked for. */
import {
  discardReason,
  type LetterQueue,
  letterQueueNamed,
  letterQueues,
  mostNamedLetters,
} from '#functions/tables/letters.ts';
import { type LetterState, letterStates } from '#shared/parking/letter.ts';
import type { Wanted } from '#shared/parking/replay.ts';
import { assertOwnOptions, readOptions, wholeNumber } from './command-line.ts';
import { instant } from './instant.ts';
import {
  everywhere,
  type OnStage,
  readStageOptions,
  stageOptions,
  stageOptionsUsage,
} from './stage-options.ts';
import { UsageError } from './usage-error.ts';

export const dlqUsage = `usage: npm run ops -- dlq <list|show|replay|follow|discard> [queue] [id…] [options]
  list                     what waits, by queue and cause
  list <queue>             its letters, without their bodies
    --cause, --tenant      only those
    --from, --to           only those parked from then on, or before then: 2026-01-31T09:00:00Z
    --state <state>        ${letterStates.join(', ')} (default ${letterStates[0]})
    --limit <number>       1 to 1000 (default 50)
  show <queue> <id>        one letter with its body
  replay <queue> <id…>     these letters back into their queue: all of them, or none
    --edit <file>          of one letter: with the body in this file, or - for the standard input
  replay <queue> --all     every letter that waits, or only those of
    --cause, --tenant, --from, --to
    --rate <number>        letters a second, 1 to 100 (default 10)
    --dry-run              says what it would do, and does not do it
  follow <queue> <replay>  how far a replay is, until it is done
  discard <queue> <id>     its effect is not wanted, or was brought about by hand
    --reason <text>        why, ${discardReason.min} to ${discardReason.max} characters; kept with the letter
    --by <name>            who says so (default: command line)
    --dry-run              says what it would do, and does not do it
each of them:
${stageOptionsUsage}
queues: ${letterQueues.join(', ')}
`;

type Filter = Extract<Wanted, { readonly filter: object }>['filter'];

export type DlqOrder =
  | { readonly order: 'summary' }
  | {
      readonly order: 'list';
      readonly queue: LetterQueue;
      readonly filter: Filter;
      readonly state: LetterState;
      readonly limit: number;
    }
  | { readonly order: 'show'; readonly queue: LetterQueue; readonly id: string }
  | {
      readonly order: 'replay';
      readonly queue: LetterQueue;
      readonly wanted: Wanted;
      /** The file with another body for the one letter that is named; `-` is the standard input. */
      readonly editFrom?: string;
      readonly ratePerSecond: number;
    }
  | { readonly order: 'follow'; readonly queue: LetterQueue; readonly id: string }
  | {
      readonly order: 'discard';
      readonly queue: LetterQueue;
      readonly id: string;
      readonly reason: string;
      readonly by: string;
    };

const filterOptions = ['cause', 'tenant', 'from', 'to'] as const;

/** By order; a list without a queue is a summary. */
const ownOptions = {
  list: [...filterOptions, 'state', 'limit'],
  show: [],
  replay: ['all', ...filterOptions, 'rate', 'edit', 'dry-run'],
  follow: [],
  discard: ['reason', 'by', 'dry-run'],
} as const;

/** @throws UsageError */
export function readDlqOptions(args: readonly string[]): DlqOrder & OnStage {
  const { values, positionals, tokens } = readOptions({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      ...stageOptions,
      cause: { type: 'string' },
      tenant: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      state: { type: 'string', default: letterStates[0] },
      limit: { type: 'string', default: '50' },
      all: { type: 'boolean', default: false },
      rate: { type: 'string', default: '10' },
      edit: { type: 'string' },
      reason: { type: 'string' },
      by: { type: 'string', default: 'command line' },
    },
  });
  const [order = '', queue] = positionals;
  if (!isOrder(order))
    throw new UsageError(
      order ? `there is no 'dlq ${order}'` : `${Object.keys(ownOptions).join(', ')}?`,
    );
  const summary = order === 'list' && queue === undefined;
  const own = summary ? [] : ownOptions[order];
  assertOwnOptions(`dlq ${order}${summary ? ' (all queues)' : ''}`, tokens, [
    ...own,
    ...everywhere,
  ]);
  return { ...readOrder(order, positionals.slice(1), values), ...readStageOptions(values) };
}

const isOrder = (order: string): order is keyof typeof ownOptions =>
  Object.hasOwn(ownOptions, order);

interface Values extends FilterValues {
  readonly state: string;
  readonly limit: string;
  readonly all: boolean;
  readonly rate: string;
  readonly edit?: string | undefined;
  readonly reason?: string | undefined;
  readonly by: string;
}

function readOrder(
  order: keyof typeof ownOptions,
  [name, ...ids]: readonly string[],
  values: Values,
): DlqOrder {
  switch (order) {
    case 'list':
      if (name === undefined) return { order: 'summary' };
      return {
        order,
        queue: queueNamed(name, ids, 0),
        filter: readFilter(values),
        state: stateNamed(values.state),
        limit: wholeNumber('--limit', values.limit, 1_000),
      };
    case 'show':
    case 'follow':
      return { order, queue: queueNamed(name, ids, 1), id: ids[0] ?? '' };
    case 'discard': {
      const queue = queueNamed(name, ids, 1);
      return { order, queue, id: ids[0] ?? '', reason: readReason(values.reason), by: values.by };
    }
    case 'replay':
      return readReplayOrder(queueNamed(name, ids, ids.length), [...new Set(ids)], values);
  }
}

function readReplayOrder(queue: LetterQueue, ids: readonly string[], values: Values): DlqOrder {
  const { all, edit, rate } = values;
  const filter = readFilter(values);
  const filtered = all || Object.keys(filter).length > 0;
  if (filtered === ids.length > 0)
    throw new UsageError('which letters: their ids, or --all, --cause, --tenant, --from, --to?');
  if (ids.length > mostNamedLetters)
    throw new UsageError(`one replay names ${mostNamedLetters} letters at most`);
  if (edit !== undefined && ids.length !== 1)
    throw new UsageError('--edit is for one letter, by its id');
  return {
    order: 'replay',
    queue,
    wanted: filtered ? { filter } : { ids },
    ...(edit !== undefined && { editFrom: edit }),
    ratePerSecond: wholeNumber('--rate', rate, 100),
  };
}

interface FilterValues {
  readonly cause?: string | undefined;
  readonly tenant?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

function readFilter({ cause, tenant, from, to }: FilterValues): Filter {
  const fromMs = from === undefined ? undefined : instant('--from', from);
  const toMs = to === undefined ? undefined : instant('--to', to);
  if (fromMs !== undefined && toMs !== undefined && toMs <= fromMs)
    throw new UsageError('--to must be later than --from');
  return {
    ...(cause !== undefined && { cause }),
    ...(tenant !== undefined && { tenant }),
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
  };
}

function readReason(text: string | undefined): string {
  const { min, max } = discardReason;
  const reason = text?.trim();
  if (!reason) throw new UsageError('--reason is needed: it is kept with the letter');
  if (reason.length < min || reason.length > max)
    throw new UsageError(`--reason must have ${min} to ${max} characters`);
  return reason;
}

function queueNamed(name: string | undefined, ids: readonly string[], wanted: number): LetterQueue {
  const queue = name === undefined ? undefined : letterQueueNamed(name);
  if (!queue) throw new UsageError(name ? `there is no queue '${name}'` : 'of which queue?');
  if (ids.length < wanted) throw new UsageError('which letter? Its id is missing');
  if (ids.length > wanted) throw new UsageError(`what is '${ids.slice(wanted).join(' ')}' for?`);
  return queue;
}

function stateNamed(text: string): LetterState {
  const state = letterStates.find((known) => known === text);
  if (!state) throw new UsageError(`--state must be ${letterStates.join(', ')}, got '${text}'`);
  return state;
}
