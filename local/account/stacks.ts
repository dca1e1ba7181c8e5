/** The stacks of a stage, as CloudFormation has them now: whatever they were deployed with. */
import {
  type CloudFormationClient,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { type Stage, stackName } from '#functions/tables/names.ts';

export interface StageStack {
  readonly name: string;
  /** CloudFormation's word: `CREATE_COMPLETE`, `DELETE_FAILED`. */
  readonly status: string;
  readonly resources: number;
  /** By name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Stages that are called in full: `sandbox` is no part of `sandbox2`. */
const belongs = (stage: Stage, { StackName = '', StackStatus }: Stack): boolean =>
  StackName.startsWith(stackName(stage, '')) && StackStatus !== 'DELETE_COMPLETE';

export async function stacksOf(
  stage: Stage,
  client: CloudFormationClient,
): Promise<readonly StageStack[]> {
  const found: StageStack[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {}))
    for (const stack of Stacks.filter((one) => belongs(stage, one)))
      found.push({
        name: stack.StackName ?? '',
        status: stack.StackStatus ?? '',
        resources: await countResources(stack.StackName, client),
        outputs: Object.fromEntries(
          (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [
            OutputKey,
            OutputValue,
          ]),
        ),
      });
  return found;
}

async function countResources(
  StackName: string | undefined,
  client: CloudFormationClient,
): Promise<number> {
  let count = 0;
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName },
  ))
    count += StackResourceSummaries.length;
  return count;
}
