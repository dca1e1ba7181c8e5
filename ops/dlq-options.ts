/** What `npm run ops -- dlq …` was asked for. */
import { type LetterQueue, letterQueueNamed, letterQueues } from '#functions/tables/letters.ts';
import { type LetterState, letterStates } from '#shared/parking/letter.ts';
import type { Wanted } from '#shared/parking/replay.ts';
import { readOptions, wholeNumber } from './command-line.ts';
import {
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
    --state <state>        ${letterStates.join(', ')} (default ${letterStates[0]})
    --limit <number>       1 to 1000 (default 50)
  show <queue> <id>        one letter with its body
  replay <queue> <id…>     these letters back into their queue: all of them, or none
  replay <queue> --all     every letter that waits, or with --cause, --tenant only those
    --rate <number>        letters a second, 1 to 100 (default 10)
  follow <queue> <replay>  how far a replay is, until it is done
  discard <queue> <id>     its effect is not wanted, or was brought about by hand
    --reason <text>        why; kept with the letter
    --by <name>            who says so (default: command line)
  --dry-run                says what it would do, and does not do it
${stageOptionsUsage}
queues: ${letterQueues.join(', ')}
`;

export type DlqOrder =
  | { readonly order: 'summary' }
  | {
      readonly order: 'list';
      readonly queue: LetterQueue;
      readonly cause?: string | undefined;
      readonly tenant?: string | undefined;
      readonly state: LetterState;
      readonly limit: number;
    }
  | { readonly order: 'show'; readonly queue: LetterQueue; readonly id: string }
  | {
      readonly order: 'replay';
      readonly queue: LetterQueue;
      readonly wanted: Wanted;
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

/** @throws UsageError */
export function readDlqOptions(args: readonly string[]): DlqOrder & OnStage {
  const { values, positionals } = readOptions({
    args: [...args],
    allowPositionals: true,
    options: {
      ...stageOptions,
      cause: { type: 'string' },
      tenant: { type: 'string' },
      state: { type: 'string', default: letterStates[0] },
      limit: { type: 'string', default: '50' },
      all: { type: 'boolean', default: false },
      rate: { type: 'string', default: '10' },
      reason: { type: 'string' },
      by: { type: 'string', default: 'command line' },
    },
  });
  return { ...readOrder(positionals, values), ...readStageOptions(values) };
}

interface Values {
  readonly cause?: string | undefined;
  readonly tenant?: string | undefined;
  readonly state: string;
  readonly limit: string;
  readonly all: boolean;
  readonly rate: string;
  readonly reason?: string | undefined;
  readonly by: string;
}

function readOrder([order, name, ...ids]: readonly string[], values: Values): DlqOrder {
  const { cause, tenant, all, rate, reason, by } = values;
  if (order === 'list' && name === undefined) return { order: 'summary' };
  if (order === 'list')
    return {
      order,
      queue: queueNamed(name, ids, 0),
      cause,
      tenant,
      state: stateNamed(values.state),
      limit: wholeNumber('--limit', values.limit, 1_000),
    };
  if (order === 'show' || order === 'follow')
    return { order, queue: queueNamed(name, ids, 1), id: ids[0] ?? '' };
  if (order === 'discard') {
    if (!reason) throw new UsageError('--reason is needed: it is kept with the letter');
    return { order, queue: queueNamed(name, ids, 1), id: ids[0] ?? '', reason, by };
  }
  if (order !== 'replay')
    throw new UsageError(order ? `there is no 'dlq ${order}'` : 'list, show, replay or discard?');
  const filtered = all || cause !== undefined || tenant !== undefined;
  if (filtered === ids.length > 0)
    throw new UsageError('which letters: their ids, or --all, --cause, --tenant?');
  return {
    order,
    queue: queueNamed(name, ids, ids.length),
    wanted: filtered
      ? {
          filter: {
            ...(cause !== undefined && { cause }),
            ...(tenant !== undefined && { tenant }),
          },
        }
      : { ids },
    ratePerSecond: wholeNumber('--rate', rate, 100),
  };
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
