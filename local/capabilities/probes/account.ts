/** What belongs to no service alone: permissions, deployments, and how much the engine bears. */
import { UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Probe } from '../probe.ts';
import { unlessRefused } from '../refusal.ts';
import type { CapabilityOf } from '../table.ts';
import { load } from './account-load.ts';
import { rolePermissions } from './account-roles.ts';

/** A deployment that fails has been refused; one that went well was a claim that it is there. */
const unknownResourceType: Probe = async (lab) => {
  await lab.deployStack({
    resources: {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: lab.name('queue') } },
    },
  });
  const { does: isTaken } = await unlessRefused(async () => {
    await lab.deployStack({ resources: { Thing: { Type: 'AWS::Holdfast::NoSuchThing' } } });
    return { does: true, saw: '' };
  });
  return { does: !isTaken, saw: isTaken ? 'deployed as if it were there' : 'refused' };
};

const stackUpdate: Probe = async (lab) => {
  const QueueName = lab.name('queue');
  const resources = (seconds: number) => ({
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: { QueueName, VisibilityTimeout: seconds },
    },
  });
  const stack = await lab.deployStack({ resources: resources(11) });
  const QueueUrl = stack.physicalId('Queue');
  const visibility = async () => {
    const { Attributes } = await lab.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }),
    );
    return Attributes?.['VisibilityTimeout'];
  };
  const before = await visibility();
  if (before !== '11') throw new Error(`a queue was deployed with ${before} s, not 11`);
  return unlessRefused(async () => {
    await lab.clients.cloudFormation.send(
      new UpdateStackCommand({
        StackName: stack.name,
        TemplateBody: JSON.stringify({ Resources: resources(22) }),
      }),
    );
    await lab.eventually(async () => (await visibility()) === '22', { withinMs: 10_000 });
    const after = await visibility();
    return { does: after === '22', saw: `11 s changed to 22 s: ${after} s` };
  });
};

const customResource: Probe = async (lab) => {
  const notebook = await lab.createNotebook();
  const { arn } = await lab.deployFunction({
    hint: 'custom',
    notebook,
    code: `
export const handler = async ({ RequestType, ResponseURL, ...event }) => {
  await note(RequestType);
  const { StackId, RequestId, LogicalResourceId } = event;
  const answer = { Status: 'SUCCESS', PhysicalResourceId: 'made', StackId, RequestId, LogicalResourceId };
  await fetch(ResponseURL, { method: 'PUT', body: JSON.stringify(answer) });
};`,
  });
  return unlessRefused(async () => {
    await lab.deployStack({
      resources: { Made: { Type: 'Custom::Thing', Properties: { ServiceToken: arn } } },
    });
    const calls = (await notebook.read<string>()).map(({ value }) => value);
    return {
      does: calls.join() === 'Create',
      saw: calls.length === 0 ? 'deployed, and its function not called' : `called: ${calls.join()}`,
    };
  });
};

export const accountProbes = {
  'role-permissions': rolePermissions,
  'unknown-resource-type': unknownResourceType,
  'stack-update': stackUpdate,
  'custom-resource': customResource,
  load,
} satisfies Record<CapabilityOf<'account'>, Probe>;
