/** `npm run ops -- faults …`: the switches that make functions crash, for drills. */
import { resourceName, type Stage } from '#functions/tables/names.ts';
import { type QueueName, queues } from '#functions/tables/queues.ts';
import {
  type CrashPoint,
  type CrashSwitch,
  crashPoints,
  crashSwitch,
  readCrashSwitch,
} from '#shared/faults/fault-items.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import type { ItemReader, ItemWriter } from '#shared/state/store.ts';
import { assertOwnOptions, readOptions, stageNamed, wholeNumber } from './command-line.ts';
import { enterStage, type StackOptions } from './stack.ts';
import { everywhere } from './stage-options.ts';
import { UsageError } from './usage-error.ts';

const queueNames = Object.keys(queues) as QueueName[];

export const faultsUsage = `usage: npm run ops -- faults <show|crash|clear> [queue] [options]
  show                     the switches that are on
  crash <queue>            the queue's worker exits, in the middle of its work
    --point <point>        ${crashPoints.join(', ')}
                           (default ${crashPoints[1]}: done, not acknowledged)
    --times <number>       how often, 1 to 1000 (default 1)
  clear [queue]            no more crashes; without a queue, of none
  --dry-run                says what it would do, and does not do it
  --json                   one JSON object a line
  --stage <local|sandbox>  default local: the stack on this machine
  --port <port>            the local stack whose endpoint has this port (default: the first one)
queues: ${queueNames.join(', ')}
`;

type Order =
  | { readonly order: 'show' }
  | ({ readonly order: 'crash'; readonly queue: QueueName } & CrashSwitch)
  | { readonly order: 'clear'; readonly queues: readonly QueueName[] };

type FaultsOptions = Order & {
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly stage: Stage;
  readonly port: number | undefined;
};

const ownOptions = {
  show: [],
  crash: ['point', 'times', 'dry-run'],
  clear: ['dry-run'],
} as const;

/** @throws UsageError */
export function readFaultsOptions(args: readonly string[]): FaultsOptions {
  const { values, positionals, tokens } = parsed(args);
  const [order = ''] = positionals;
  if (Object.hasOwn(ownOptions, order))
    assertOwnOptions(`faults ${order}`, tokens, [
      ...ownOptions[order as keyof typeof ownOptions],
      ...everywhere,
    ]);
  const { json, 'dry-run': dryRun } = values;
  const stage = stageNamed(values.stage);
  const port = values.port === undefined ? undefined : wholeNumber('--port', values.port, 65_535);
  return { ...readOrder(positionals, values), dryRun, json, stage, port };
}

function readOrder(
  [order, queue, ...rest]: readonly string[],
  { point, times }: { readonly point?: string; readonly times?: string },
): Order {
  if (rest.length > 0) throw new UsageError(`what is '${rest.join(' ')}' for?`);
  if (order === 'show' && queue === undefined) return { order };
  if (order === 'clear')
    return { order, queues: queue === undefined ? queueNames : [queueNamed(queue)] };
  if (order === 'crash')
    return {
      order,
      queue: queueNamed(queue),
      point: pointNamed(point ?? crashPoints[1]),
      times: wholeNumber('--times', times ?? '1', 1_000),
    };
  throw new UsageError(order ? `there is no 'faults ${order}'` : 'show, crash or clear?');
}

function queueNamed(text: string | undefined): QueueName {
  const name = queueNames.find((known) => known === text);
  if (!name) throw new UsageError(text ? `there is no queue '${text}'` : 'of which queue?');
  return name;
}

function pointNamed(text: string): CrashPoint {
  const point = crashPoints.find((known) => known === text);
  if (!point) throw new UsageError(`--point must be ${crashPoints.join(' or ')}, got '${text}'`);
  return point;
}

function parsed(args: readonly string[]) {
  return readOptions({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      point: { type: 'string' },
      times: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      stage: { type: 'string', default: 'local' },
      port: { type: 'string' },
    },
  });
}

/** A line for people, and the same for machines. */
interface Said {
  readonly text: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** Carries it out, or with `dryRun` only says what it would do. */
export async function switchFaults(
  options: Order & { readonly dryRun: boolean },
  store: ItemReader & ItemWriter,
): Promise<readonly Said[]> {
  const { dryRun } = options;
  if (options.order === 'show') return showSwitches(store);
  if (options.order === 'crash') {
    const { queue, point, times } = options;
    if (!dryRun) await store.write(crashSwitch('state', queue).set({ point, times }));
    const text = `${queue} ${dryRun ? 'would crash' : 'will crash'} ${point}, ${times} time(s)`;
    return [{ text, facts: { queue, point, times, dryRun } }];
  }
  for (const queue of dryRun ? [] : options.queues)
    await store.write(crashSwitch('state', queue).clear());
  return options.queues.map((queue) => ({
    text: `${queue} ${dryRun ? 'would have' : 'has'} no switch`,
    facts: { queue, times: 0, dryRun },
  }));
}

async function showSwitches(store: ItemReader): Promise<readonly Said[]> {
  return Promise.all(
    queueNames.map(async (queue) => {
      const { point, times } = readCrashSwitch(
        await store.read(crashSwitch('state', queue).at),
      ) ?? { point: undefined, times: 0 };
      const text = point
        ? `${queue} will crash ${point}, ${times} time(s)`
        : `${queue} has no switch`;
      return { text, facts: { queue, times, ...(point && { point }) } };
    }),
  );
}

export async function faults(
  args: readonly string[],
  out: (text: string) => void,
  stackOptions: StackOptions = {},
): Promise<number> {
  const { stage, port, json, ...options } = readFaultsOptions(args);
  enterStage(stage, { ...stackOptions, port });
  const store = dynamoStore({ tables: { state: resourceName(stage, 'state') } });
  for (const { text, facts } of await switchFaults(options, store))
    out(`${json ? JSON.stringify(facts) : text}\n`);
  return 0;
}
