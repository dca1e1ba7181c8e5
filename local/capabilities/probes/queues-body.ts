/** What becomes of a message's body on its way to a function. */
import { mapEvents } from '../lab/mapping.ts';
import { sendMessages } from '../lab/messages.ts';
import type { Probe } from '../probe.ts';

/** JSON with spaces, a name that comes twice, a number that no double holds, and one that is text. */
const written = ['{"a":1, "a" :2}', '[12345678901234567890,1.0]', '"text"', 'no JSON'];

const queueBody: Probe = async (lab) => {
  const queue = await lab.createQueue({ visibilityMs: 30_000 });
  const notebook = await lab.createNotebook();
  const to = await lab.deployFunction({
    code: 'export const handler = ({ Records }) => note(Records.map(({ body }) => body));',
    hint: 'body',
    notebook,
  });
  await sendMessages(lab, queue, written);
  await mapEvents(lab, { from: queue.arn, to });
  const bodies = await lab.must(
    `${written.length} messages are received`,
    async () => {
      const notes = await notebook.read<readonly string[]>();
      const read = notes.flatMap(({ value }) => value);
      return read.length >= written.length && read;
    },
    { withinMs: 30_000 },
  );
  const changed = written.filter((body) => !bodies.includes(body));
  return {
    does: changed.length === 0,
    saw:
      changed.length === 0
        ? `${written.length} bodies as they were sent`
        : `${changed.length} of ${written.length} bodies were not as they were sent, such as ${changed[0]}`,
  };
};

export const bodyProbes = { 'queue-body': queueBody };
