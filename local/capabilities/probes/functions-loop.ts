/** Whether a function that sends itself a message for each that it gets is stopped. */
import { mapEvents } from '../lab/mapping.ts';
import { sendMessages, sqsPreamble } from '../lab/messages.ts';
import type { Probe } from '../probe.ts';

/** Beyond any that Lambda lets pass: it says "approximately 16". */
const rounds = 20;

export const recursiveLoop: Probe = async (lab) => {
  const queue = await lab.createQueue({ visibilityMs: 10_000 });
  const notebook = await lab.createNotebook();
  const to = await lab.deployFunction({
    code: `${sqsPreamble(lab)}
export const handler = async ({ Records: [{ body }] }) => {
  const round = Number(body);
  await note(round);
  if (round < ${rounds})
    await sqs('SendMessage', {
      QueueUrl: process.env.QUEUE_URL,
      MessageBody: String(round + 1),
      ...(process.env._X_AMZN_TRACE_ID && {
        MessageSystemAttributes: {
          AWSTraceHeader: { DataType: 'String', StringValue: process.env._X_AMZN_TRACE_ID },
        },
      }),
    });
};`,
    hint: 'loop',
    notebook,
    environment: { QUEUE_URL: queue.url },
  });
  await mapEvents(lab, { from: queue.arn, to, settings: { BatchSize: 1 } });
  await sendMessages(lab, queue, ['1']);

  const reached = async () =>
    Math.max(0, ...(await notebook.read<number>()).map(({ value }) => value));
  let last = await lab.must('the loop begins', async () => (await reached()) > 1 && reached(), {
    withinMs: 30_000,
  });
  // It has stopped when it does not go on for much longer than a round takes.
  const goesOn = async () => {
    const now = await reached();
    return now > last && now;
  };
  for (let next: number | undefined = last; next !== undefined && next < rounds; ) {
    next = await lab.eventually(goesOn, { withinMs: 10_000 });
    last = next ?? last;
  }
  return {
    does: last < rounds,
    saw: last < rounds ? `stopped after ${last} rounds` : `went on for ${rounds} rounds`,
  };
};
