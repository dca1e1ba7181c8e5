/** Where messages go that are received too often, and how they come back. */
import {
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { receiveMessages, sendMessages } from '../lab/messages.ts';
import type { Queue } from '../lab/queue.ts';
import type { Lab } from '../lab.ts';
import type { Finding, Probe } from '../probe.ts';
import { unlessRefused } from '../refusal.ts';

const maxReceives = 2;

async function queueWithLetters(lab: Lab): Promise<{ queue: Queue; letters: Queue }> {
  const letters = await lab.createQueue({ hint: 'letters' });
  const queue = await lab.createQueue({ redrive: { to: letters, maxReceives } });
  return { queue, letters };
}

/** Receives a message until it comes no more, or too often. */
async function receivedUntilRedriven(
  lab: Lab,
  queue: Pick<Queue, 'url'>,
  letters: Pick<Queue, 'url'>,
): Promise<Finding> {
  await sendMessages(lab, queue, ['a message']);
  let times = 0;
  const letter = await lab.eventually(
    async () => {
      times += (await receiveMessages(lab, queue, { visibilityMs: 0 })).length;
      return times > maxReceives || (await receiveMessages(lab, letters))[0];
    },
    { withinMs: 8_000 },
  );
  if (times === 0) throw new Error('the queue never gave its message');
  return {
    does: times === maxReceives && letter !== undefined,
    saw: `received ${times} times, ${typeof letter === 'object' ? 'then in' : 'and not in'} the dead-letter queue`,
  };
}

const redrive: Probe = async (lab) => {
  const { queue, letters } = await queueWithLetters(lab);
  return receivedUntilRedriven(lab, queue, letters);
};

const redriveDeployed: Probe = async (lab) => {
  const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
  const { physicalId } = await lab.deployStack({
    hint: 'redrive',
    resources: {
      Letters: { Type: 'AWS::SQS::Queue' },
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          RedrivePolicy: {
            deadLetterTargetArn: arnOf('Letters'),
            maxReceiveCount: maxReceives,
          },
        },
      },
    },
  });
  return receivedUntilRedriven(lab, { url: physicalId('Queue') }, { url: physicalId('Letters') });
};

const moveTask: Probe = async (lab) => {
  const { queue, letters } = await queueWithLetters(lab);
  const { does, saw } = await receivedUntilRedriven(lab, queue, letters);
  if (!does) throw new Error(`there is no letter to move: ${saw}`);
  await lab.must('the letter waits', () => isWaiting(lab, letters), { withinMs: 10_000 });
  return unlessRefused(async () => {
    await lab.clients.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: letters.arn }));
    const back = await lab.eventually(async () => (await receiveMessages(lab, queue)).length > 0, {
      withinMs: 8_000,
    });
    return { does: back === true, saw: `${back ? 'back' : 'not back'} in its queue` };
  });
};

async function isWaiting({ clients: { sqs } }: Lab, { url }: Queue): Promise<boolean> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  return Number(Attributes?.['ApproximateNumberOfMessages']) > 0;
}

const deadLetterSources: Probe = async (lab) => {
  const { queue, letters } = await queueWithLetters(lab);
  return unlessRefused(async () => {
    const { queueUrls = [] } = await lab.clients.sqs.send(
      new ListDeadLetterSourceQueuesCommand({ QueueUrl: letters.url }),
    );
    return { does: queueUrls.includes(queue.url), saw: `${queueUrls.length} queues named` };
  });
};

export const letterProbes = {
  redrive,
  'redrive-deployed': redriveDeployed,
  'move-task': moveTask,
  'dead-letter-sources': deadLetterSources,
};
