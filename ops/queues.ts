/** `npm run ops -- queues …`: a stage to rest, and back to work. */
import { retention } from '#functions/tables/retention.ts';
import { assertOwnOptions, readOptions, wholeNumber } from './command-line.ts';
import {
  type Left,
  outboxLook,
  quietLooks,
  type RestOptions,
  sumOf,
  waitForRest,
} from './drain.ts';
import { gatewayIntake, type Intake } from './intake.ts';
import { type Bar, progressBar } from './progress-bar.ts';
import { depths } from './queue-urls.ts';
import { enterStage, type StackOptions } from './stack.ts';
import { stageGateway, stageSqs, stageStore } from './stage-clients.ts';
import {
  everywhere,
  type OnStage,
  readStageOptions,
  type Said,
  sameStage,
  say,
  stageOptions,
  stageOptionsUsage,
} from './stage-options.ts';
import { UsageError } from './usage-error.ts';

export const queuesUsage = `usage: npm run ops -- queues drain [options]
  drain                    mutating calls are answered 429 from now on; waits until queues and outbox are empty
    --within <seconds>     waits no longer, 1 to 86400 (default 600)
  drain --resume           lets the calls in again; also after a drain that was interrupted
  --dry-run                says what it would do, and does not do it
exit code: 0 when ${quietLooks} looks in a row have found nothing, 1 when time was up before
${stageOptionsUsage}
`;

interface DrainOrder {
  readonly resume: boolean;
  readonly withinMs: number;
}

/** @throws UsageError */
export function readQueuesOptions(args: readonly string[]): DrainOrder & OnStage {
  const { values, positionals, tokens } = readOptions({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      ...stageOptions,
      within: { type: 'string', default: '600' },
      resume: { type: 'boolean', default: false },
    },
  });
  const [order, ...rest] = positionals;
  if (order !== 'drain')
    throw new UsageError(order ? `there is no 'queues ${order}'` : 'what with the queues? drain');
  if (rest.length > 0) throw new UsageError(`what is '${rest.join(' ')}' for?`);
  assertOwnOptions(`queues drain${values.resume ? ' --resume' : ''}`, tokens, [
    ...(values.resume ? ['resume'] : ['within']),
    'dry-run',
    ...everywhere,
  ]);
  return {
    resume: values.resume,
    withinMs: 1_000 * wholeNumber('--within', values.within, 86_400),
    ...readStageOptions(values),
  };
}

export interface DrainParts extends Pick<RestOptions, 'now' | 'sleep'> {
  readonly intake: Intake;
  readonly look: () => Promise<Left>;
  readonly tell: (said: Said) => void;
  /** From `sameStage`: for the command that undoes it. */
  readonly where?: string;
  readonly bar?: Bar;
}

/** @returns the exit code: 0 at rest (or open again), 1 not in time. */
export async function drainOrResume(
  { resume, withinMs, dryRun }: DrainOrder & { readonly dryRun: boolean },
  parts: DrainParts,
): Promise<number> {
  const { intake, look, tell, where = '', bar, ...clock } = parts;
  if (resume) {
    if (!dryRun) await intake.openAll();
    const open = await intake.open();
    const text = dryRun
      ? `would open ${(await intake.closed()).join(', ') || 'nothing: no method is closed'}`
      : `the intake is open: ${open.length} mutating method(s)`;
    tell({ text, facts: { open, dryRun } });
    return 0;
  }
  const before = await intake.open();
  if (dryRun) {
    tell({
      text: `would close ${before.join(', ') || 'nothing: every method is closed'}`,
      facts: { open: before, dryRun },
    });
    const left = await look();
    bar?.clear();
    tellLeft(left, tell);
    return 0;
  }
  await intake.closeAll();
  tell({
    text: `the intake is closed, and stays so until: npm run ops -- queues drain --resume${where}`,
    facts: { closed: await intake.closed() },
  });
  let most = 0;
  const rest = await waitForRest({
    ...{ look, withinMs, ...clock },
    onLook(now) {
      most = Math.max(most, sumOf(now));
      bar?.show(most - sumOf(now), most, 'worked off');
    },
  });
  bar?.clear();
  if (rest.atRest || rest.quiet === 0) tellLeft(rest.left, tell);
  else
    tell({
      text: `not at rest: time was up after ${rest.quiet} empty look(s), and ${quietLooks} in a row are needed; run it again`,
      facts: { left: 0, emptyLooks: rest.quiet },
    });
  return rest.atRest ? 0 : 1;
}

function tellLeft(left: Left, tell: DrainParts['tell']): void {
  for (const [where, count] of Object.entries(left).filter(([, count]) => count > 0))
    tell({ text: `${where}: ${count}`, facts: { where, count } });
  if (sumOf(left) === 0) tell({ text: 'queues and outbox are empty', facts: { left: 0 } });
}

export async function queues(
  args: readonly string[],
  out: (text: string) => void,
  stackOptions: StackOptions = {},
): Promise<number> {
  const { stage, port, json, ...asked } = readQueuesOptions(args);
  enterStage(stage, { ...stackOptions, port });
  const sqs = stageSqs();
  const bar = progressBar();
  const outbox = outboxLook({
    store: stageStore(stage, ['outbox']),
    horizonMs: retention.outboxMs,
    onRead: (buckets, of) => bar.show(buckets, of, 'ten minutes of the outbox read'),
  });
  return drainOrResume(asked, {
    intake: gatewayIntake(stageGateway(), stage),
    look: async () => {
      const [inQueues, inOutbox] = await Promise.all([depths(sqs, stage), outbox()]);
      return { ...inQueues, outbox: inOutbox };
    },
    tell: say(json, out),
    where: sameStage({ stage, port }),
    bar,
  });
}
