/** What `npm run ops -- outbox …` was asked for. */
import { eventTypes } from '#functions/tables/events.ts';
import { retention } from '#functions/tables/retention.ts';
import type { ReplayFilter } from '#shared/outbox/replay.ts';
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

export const outboxUsage = `usage: npm run ops -- outbox replay --from <time> --to <time> | --aggregate <kind/id> [options]
  replay                   stored events to their queues once more; consumers know those they have worked on
    --from, --to           when they occurred, such as 2026-01-31T09:00:00Z (with --aggregate: all that is stored)
    --aggregate <kind/id>  of one aggregate, such as order/<id>
    --type, --tenant       only those
    --rate <number>        events a second, 1 to 100 (default 10)
  --dry-run                says what it would do, and does not do it
${stageOptionsUsage}
`;

export interface OutboxOrder {
  readonly filter: ReplayFilter;
  readonly ratePerSecond: number;
}

const ownOptions = ['from', 'to', 'aggregate', 'type', 'tenant', 'rate', 'dry-run'];

/** @throws UsageError */
export function readOutboxOptions(args: readonly string[], nowMs: number): OutboxOrder & OnStage {
  const { values, positionals, tokens } = readOptions({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      ...stageOptions,
      from: { type: 'string' },
      to: { type: 'string' },
      aggregate: { type: 'string' },
      type: { type: 'string' },
      tenant: { type: 'string' },
      rate: { type: 'string', default: '10' },
    },
  });
  const [order, ...rest] = positionals;
  if (order !== 'replay')
    throw new UsageError(order ? `there is no 'outbox ${order}'` : 'what with the outbox? replay');
  if (rest.length > 0) throw new UsageError(`what is '${rest.join(' ')}' for?`);
  assertOwnOptions('outbox replay', tokens, [...ownOptions, ...everywhere]);
  const { from, to, aggregate, type, tenant, rate } = values;
  if (aggregate === undefined && (from === undefined || to === undefined))
    throw new UsageError('which events: --from and --to, or --aggregate?');
  return {
    filter: { ...readWindow(from, to, nowMs), aggregate, type: typeNamed(type), tenant },
    ratePerSecond: wholeNumber('--rate', rate, 100),
    ...readStageOptions(values),
  };
}

/** What of it is not given reaches as far as there are events. */
function readWindow(from: string | undefined, to: string | undefined, nowMs: number) {
  const storedFromMs = nowMs - retention.outboxMs;
  const fromMs = from === undefined ? storedFromMs : instant('--from', from);
  const toMs = to === undefined ? nowMs : instant('--to', to);
  if (from !== undefined && to !== undefined && toMs <= fromMs)
    throw new UsageError('--to must be later than --from');
  if (fromMs >= nowMs) throw new UsageError('--from is not past yet');
  if (toMs <= storedFromMs)
    throw new UsageError('events are kept for seven days: those before --to are gone');
  if (toMs - fromMs > retention.outboxMs)
    throw new UsageError(
      `events are kept for seven days: --from and ${to === undefined ? 'now' : '--to'} are further apart`,
    );
  return { fromMs, toMs };
}

function typeNamed(text: string | undefined): string | undefined {
  const types = Object.keys(eventTypes);
  if (text !== undefined && !types.includes(text))
    throw new UsageError(`there are no events '${text}'; there are ${types.join(', ')}`);
  return text;
}
