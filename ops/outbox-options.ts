/** What `npm run ops -- outbox …` was asked for. */
import { retention } from '#functions/tables/retention.ts';
import type { ReplayFilter } from '#shared/outbox/replay.ts';
import { readOptions, wholeNumber } from './command-line.ts';
import {
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

/** @throws UsageError */
export function readOutboxOptions(args: readonly string[], nowMs: number): OutboxOrder & OnStage {
  const { values, positionals } = readOptions({
    args: [...args],
    allowPositionals: true,
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
  const { from, to, aggregate, type, tenant, rate } = values;
  if (aggregate === undefined && (from === undefined || to === undefined))
    throw new UsageError('which events: --from and --to, or --aggregate?');
  const fromMs = from === undefined ? nowMs - retention.outboxMs : instant('--from', from);
  const toMs = to === undefined ? nowMs : instant('--to', to);
  if (toMs <= fromMs) throw new UsageError('--to must be later than --from');
  if (toMs - fromMs > retention.outboxMs)
    throw new UsageError('events are kept for seven days: --from and --to are further apart');
  return {
    filter: { fromMs, toMs, aggregate, type, tenant },
    ratePerSecond: wholeNumber('--rate', rate, 100),
    ...readStageOptions(values),
  };
}

function instant(option: string, text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(ms))
    throw new UsageError(
      `${option} must be a time with its zone, such as 2026-01-31T09:00:00Z, got '${text}'`,
    );
  return ms;
}
