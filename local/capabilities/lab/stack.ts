/** A small CloudFormation stack, gone with its probe. */
import {
  AlreadyExistsException,
  type CloudFormationClient,
  CloudFormationServiceException,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { Bench } from '../lab.ts';

export interface StackOptions {
  readonly hint?: string;
  readonly resources: Readonly<Record<string, StackResource>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface StackResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
}

export interface DeployedStack {
  readonly name: string;
  /** What the engine called the resource: its `Ref`. @throws Error for a name not in the template. */
  physicalId(logicalId: string): string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The engine does not take this template. */
export class StackRefused extends Error {
  override name = 'StackRefused';
}

export async function deployStack(
  { clients: { cloudFormation }, name, later, must }: Bench,
  { hint = 'stack', resources, outputs = {} }: StackOptions,
): Promise<DeployedStack> {
  const StackName = name(hint);
  const TemplateBody = JSON.stringify({
    Resources: resources,
    Outputs: Object.fromEntries(
      Object.entries(outputs).map(([output, value]) => [output, { Value: value }]),
    ),
  });
  try {
    await cloudFormation.send(
      new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }),
    );
  } catch (fault) {
    if (!(fault instanceof CloudFormationServiceException)) throw fault;
    // The name is nobody else's: an attempt before this one has arrived, and its answer was lost.
    if (!(fault instanceof AlreadyExistsException))
      throw new StackRefused(fault.message, { cause: fault });
  }
  const look = async (): Promise<Stack | undefined> =>
    (await cloudFormation.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  let isMade = false;
  later(async () => {
    await cloudFormation.send(new DeleteStackCommand({ StackName }));
    // What an engine could not make, it can often not delete either, and has said so already.
    if (isMade) await must(`${StackName} is deleted`, () => isGone(look), { withinMs: 20_000 });
  });

  const stack = await must(
    `${StackName} is deployed`,
    async () => {
      const seen = await look();
      return /_(COMPLETE|FAILED)$/.test(seen?.StackStatus ?? '') && seen;
    },
    { withinMs: 60_000 },
  );
  if (stack.StackStatus !== 'CREATE_COMPLETE')
    throw new StackRefused([stack.StackStatus, stack.StackStatusReason].filter(Boolean).join(': '));
  isMade = true;
  const ids = await physicalIds(cloudFormation, StackName);
  return {
    name: StackName,
    physicalId(logicalId) {
      const id = ids.get(logicalId);
      if (id === undefined) throw new Error(`${StackName} has no ${logicalId}`);
      return id;
    },
    outputs: Object.fromEntries(
      (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    ),
  };
}

async function isGone(look: () => Promise<Stack | undefined>): Promise<boolean> {
  try {
    const status = (await look())?.StackStatus;
    if (status === 'DELETE_FAILED') throw new Error('a stack of a probe could not be deleted');
    return status === undefined || status === 'DELETE_COMPLETE';
  } catch (fault) {
    if (fault instanceof CloudFormationServiceException && /does not exist/.test(fault.message))
      return true;
    throw fault;
  }
}

async function physicalIds(
  client: CloudFormationClient,
  StackName: string,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName },
  ))
    for (const { LogicalResourceId: logicalId, PhysicalResourceId: id } of StackResourceSummaries)
      if (logicalId && id) ids.set(logicalId, id);
  return ids;
}
