/** What a deployment has made: every resource of its templates, with the id it was given. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CloudFormationClient,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { type Resource, type Template, toResources } from './resource.ts';

/** What the CDK says of its output. @see https://docs.aws.amazon.com/cdk/v2/guide/deploy.html */
const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .looseObject({ templateFile: z.string().optional(), stackName: z.string().optional() })
        .optional(),
    }),
  ),
});

export interface StackTemplate {
  readonly stackName: string;
  readonly template: Template;
}

/** @param assembly the folder that `cdk synth` wrote (`cdk.out`). */
export function readTemplates(assembly: string): readonly StackTemplate[] {
  const readJson = (file: string): unknown =>
    JSON.parse(readFileSync(join(assembly, file), 'utf8'));
  const { artifacts } = manifestSchema.parse(readJson('manifest.json'));
  return Object.entries(artifacts).flatMap(([id, { type, properties }]) =>
    type === 'aws:cloudformation:stack' && properties?.templateFile
      ? [
          {
            stackName: properties.stackName ?? id,
            template: readJson(properties.templateFile) as Template,
          },
        ]
      : [],
  );
}

export async function deployedResources(
  templates: readonly StackTemplate[],
  client: CloudFormationClient,
): Promise<readonly Resource[]> {
  const perStack = await Promise.all(
    templates.map(async ({ stackName, template }) =>
      toResources(template, await physicalIdsOf(stackName, client)),
    ),
  );
  return perStack.flat();
}

async function physicalIdsOf(
  stackName: string,
  client: CloudFormationClient,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName: stackName },
  ))
    for (const { LogicalResourceId: logicalId, PhysicalResourceId: id } of StackResourceSummaries)
      if (logicalId && id) ids.set(logicalId, id);
  return ids;
}
