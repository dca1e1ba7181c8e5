/** What becomes of an event that nobody waits for. */
import {
  PutFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
} from '@aws-sdk/client-lambda';
import { takeMessage } from '../lab/messages.ts';
import type { Lab } from '../lab.ts';
import type { Probe } from '../probe.ts';

const event = { order: 'an event' };

/** A function that has been sent one event, under these rules. */
async function sendEvent(
  lab: Lab,
  code: string,
  rules: Omit<PutFunctionEventInvokeConfigCommandInput, 'FunctionName'>,
) {
  const notebook = await lab.createNotebook();
  const { name: functionName } = await lab.deployFunction({ code, hint: 'event', notebook });
  await lab.clients.lambda.send(
    new PutFunctionEventInvokeConfigCommand({ ...rules, FunctionName: functionName }),
  );
  await lab.invoke({ functionName, payload: event, type: 'Event' });
  return {
    tries: async () => (await notebook.read()).length,
    async triedAtLeast(times: number) {
      await lab.must(
        `${functionName} is tried ${times} times`,
        async () => (await notebook.read()).length >= times,
        { withinMs: 15_000 },
      );
    },
  };
}

const failing = `export const handler = async () => { await note('tried'); throw new Error('as asked'); };`;
const working = `export const handler = async () => { await note('tried'); return 'well done'; };`;

const asyncRetries: Probe = async (lab) => {
  const [never, once] = await Promise.all([
    sendEvent(lab, failing, { MaximumRetryAttempts: 0 }),
    sendEvent(lab, failing, { MaximumRetryAttempts: 1 }),
  ]);
  await Promise.all([never.triedAtLeast(1), once.triedAtLeast(1)]);
  // A second try comes after a second, and a third, where there is one, two or three later.
  await lab.eventually(async () => (await once.tries()) > 2, { withinMs: 6_000 });
  const tries = [await never.tries(), await once.tries()];
  return {
    does: tries[0] === 1 && tries[1] === 2,
    saw: `tried ${tries[0]} time with no retry, ${tries[1]} times with one`,
  };
};

interface Letter {
  readonly requestPayload?: { readonly order?: string };
  readonly responsePayload?: unknown;
}

/** What comes to a destination from a function that was sent one event. */
async function destined(lab: Lab, to: 'OnFailure' | 'OnSuccess'): Promise<Letter | undefined> {
  const queue = await lab.createQueue({ hint: 'destination' });
  const { triedAtLeast } = await sendEvent(lab, to === 'OnFailure' ? failing : working, {
    MaximumRetryAttempts: 0,
    DestinationConfig: { [to]: { Destination: queue.arn } },
  });
  await triedAtLeast(1);
  const body = await takeMessage(lab, queue, { withinMs: 5_000 });
  return body === undefined ? undefined : (JSON.parse(body) as Letter);
}

const asyncOnFailure: Probe = async (lab) => {
  const letter = await destined(lab, 'OnFailure');
  return {
    does: letter?.requestPayload?.order === event.order,
    saw: letter ? 'a letter with the event' : 'no letter within 5 s',
  };
};

const asyncOnSuccess: Probe = async (lab) => {
  const letter = await destined(lab, 'OnSuccess');
  return {
    does: letter?.responsePayload === 'well done',
    saw: letter
      ? `a letter with ${JSON.stringify(letter.responsePayload)}`
      : 'no letter within 5 s',
  };
};

export const eventProbes = {
  'async-retries': asyncRetries,
  'async-on-failure': asyncOnFailure,
  'async-on-success': asyncOnSuccess,
};
