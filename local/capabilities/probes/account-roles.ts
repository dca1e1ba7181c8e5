/** Two functions that read one table, and differ only in what their roles allow. */
import { build } from 'esbuild';
import { checkout } from '../../bootstrap/paths.mjs';
import type { Lab } from '../lab.ts';
import type { Probe } from '../probe.ts';

/** With the SDK, because only its calls carry the credentials of the function's role. */
const reader = `
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
const client = new DynamoDBClient({ maxAttempts: 1 });
export const handler = async ({ table }) => {
  try {
    await client.send(new ScanCommand({ TableName: table, Limit: 1 }));
    return 'read';
  } catch (error) {
    return error.name;
  }
};`;

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: reader, resolveDir: checkout, loader: 'js' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify: true,
    write: false,
    // What the SDK's CommonJS parts ask for.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire('/');",
    },
  });
  const [code] = outputFiles;
  if (!code) throw new Error('the reader has no code');
  return code.text;
}

const assumedByFunctions = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
    },
  ],
};

/** @returns the ARN of a role that may do this on every table. */
async function roleThatMay(lab: Lab, action: string): Promise<string> {
  const { outputs } = await lab.deployStack({
    hint: 'role',
    resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: assumedByFunctions,
          Policies: [
            {
              PolicyName: 'only',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
              },
            },
          ],
        },
      },
    },
    outputs: { Arn: { 'Fn::GetAtt': ['Role', 'Arn'] } },
  });
  return outputs['Arn'] ?? '';
}

export const rolePermissions: Probe = async (lab) => {
  const [{ name: table }, code] = [await lab.createTable(), await bundled()];
  const readAs = async (action: string): Promise<unknown> => {
    const roleArn = await roleThatMay(lab, action);
    const { name: functionName } = await lab.deployFunction({ code, roleArn, hint: 'reader' });
    return (await lab.invoke({ functionName, payload: { table } })).payload;
  };
  const allowed = await readAs('dynamodb:Scan');
  if (allowed !== 'read') throw new Error(`a role that may read is answered ${allowed}`);
  const denied = await readAs('dynamodb:DescribeTable');
  return {
    does: denied === 'AccessDeniedException',
    saw: `without permission: ${denied}`,
  };
};
