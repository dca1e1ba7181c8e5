/** How a queue's mapping hands out batches, and takes back what was not done. */
import { type MappingOptions, mapEvents } from '../lab/mapping.ts';
import { sendMessages } from '../lab/messages.ts';
import type { Lab } from '../lab.ts';
import type { Probe } from '../probe.ts';
import { mostAtOnce, type Span } from './queues-overlap.ts';

/** The visibility of a queue must not be below the timeout of its function. */
const visibilityMs = 5_000;

interface Receipt {
  readonly body: string;
  readonly times: number;
}

/** What a function was given that reports every message called `bad` as not done, the first time. */
async function workOn(lab: Lab) {
  const queue = await lab.createQueue({ visibilityMs });
  const notebook = await lab.createNotebook();
  const to = await lab.deployFunction({
    code: `
export const handler = async ({ Records }) => {
  const failed = Records.filter((record) => record.body === 'bad' && record.attributes.ApproximateReceiveCount === '1');
  await note(Records.map(({ body, attributes }) => ({ body, times: Number(attributes.ApproximateReceiveCount) })));
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`,
    hint: 'batch',
    timeoutMs: visibilityMs,
    notebook,
  });
  await sendMessages(lab, queue, ['a', 'bad', 'c', 'd']);
  await mapEvents(lab, {
    from: queue.arn,
    to,
    settings: {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    },
  });
  return async () => (await notebook.read<readonly Receipt[]>()).flatMap(({ value }) => value);
}

const partialBatch: Probe = async (lab) => {
  const received = await workOn(lab);
  await lab.must(
    'every message is received',
    async () => new Set((await received()).map(({ body }) => body)).size === 4,
    { withinMs: 20_000 },
  );
  await lab.eventually(async () => (await received()).some(({ times }) => times > 1), {
    withinMs: visibilityMs + 5_000,
  });
  // What was received with it would come again with it, or right after.
  await lab.eventually(async () => (await received()).length > 5, { withinMs: 1_000 });
  const bodies = (await received()).map(({ body }) => body);
  const bad = bodies.filter((body) => body === 'bad').length;
  return {
    does: bad === 2 && bodies.length === 5,
    saw: `the reported message came ${bad} times, the three others ${bodies.length - bad} times`,
  };
};

/** How many of these messages, one to a batch, are worked on at once. */
async function workedOnAtOnce(
  lab: Lab,
  messages: number,
  settings: MappingOptions['settings'] = {},
): Promise<number> {
  const queue = await lab.createQueue({ visibilityMs: 30_000 });
  const notebook = await lab.createNotebook();
  const to = await lab.deployFunction({
    code: `
const nowMs = () => performance.timeOrigin + performance.now();
export const handler = async () => {
  const fromMs = nowMs();
  await new Promise((resume) => setTimeout(resume, 1_000));
  await note({ fromMs, untilMs: nowMs() });
};`,
    hint: 'at-once',
    notebook,
  });
  await sendMessages(
    lab,
    queue,
    Array.from({ length: messages }, (_, index) => String(index)),
  );
  await mapEvents(lab, { from: queue.arn, to, settings: { ...settings, BatchSize: 1 } });
  const spans = await lab.must(
    `${messages} messages are worked on`,
    async () => {
      const notes = await notebook.read<Span>();
      return notes.length >= messages && notes.map(({ value }) => value);
    },
    { withinMs: 40_000 },
  );
  return mostAtOnce(spans);
}

const parallelBatches: Probe = async (lab) => {
  const most = await workedOnAtOnce(lab, 4);
  return { does: most > 1, saw: `${most} of 4 batches at once` };
};

const maxConcurrency: Probe = async (lab) => {
  const allowed = 2;
  const most = await workedOnAtOnce(lab, 6, { ScalingConfig: { MaximumConcurrency: allowed } });
  return { does: most === allowed, saw: `${most} of 6 batches at once, ${allowed} allowed` };
};

export const batchProbes = {
  'queue-partial-batch': partialBatch,
  'queue-parallel-batches': parallelBatches,
  'queue-max-concurrency': maxConcurrency,
};
