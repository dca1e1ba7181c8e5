/** A function of a few lines, active and gone with its probe. */
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { zipOf } from '../../zip.ts';
import type { Bench } from '../lab.ts';
import type { Notebook } from './notebook.ts';

export interface FunctionOptions {
  /** An ESM module without imports of packages that exports `handler`. */
  readonly code: string;
  /** What it is for, as a part of its name. */
  readonly hint?: string;
  /** Whole seconds. */
  readonly timeoutMs?: number;
  readonly memoryMb?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Gives the code `note(anything)`, which resolves when it is written down. */
  readonly notebook?: Notebook;
  readonly reservedConcurrency?: number;
  readonly roleArn?: string;
}

export interface DeployedFunction {
  readonly name: string;
  readonly arn: string;
}

/** A role that no engine asks about. Real permissions are a probe of their own. */
const anyRole = 'arn:aws:iam::000000000000:role/probe';

export async function deployFunction(
  { clients: { lambda }, name, later, must }: Bench,
  {
    code,
    hint = 'function',
    timeoutMs = 10_000,
    memoryMb = 128,
    environment = {},
    notebook,
    reservedConcurrency,
    roleArn = anyRole,
  }: FunctionOptions,
): Promise<DeployedFunction> {
  if (timeoutMs % 1_000 !== 0) throw new RangeError(`timeoutMs must be seconds, got ${timeoutMs}`);
  const FunctionName = name(hint);
  later(() => lambda.send(new DeleteFunctionCommand({ FunctionName })));
  const { FunctionArn: arn = '' } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: roleArn,
      Timeout: timeoutMs / 1_000,
      MemorySize: memoryMb,
      Code: { ZipFile: zipOf('index.mjs', Buffer.from((notebook?.preamble ?? '') + code)) },
      Environment: { Variables: environment },
    }),
  );
  await must(
    `${FunctionName} is active`,
    async () => {
      const { State } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      if (State === 'Failed') throw new Error(`${FunctionName} could not be deployed`);
      return State === undefined || State === 'Active';
    },
    { withinMs: 20_000, everyMs: 50 },
  );
  if (reservedConcurrency !== undefined)
    await lambda.send(
      new PutFunctionConcurrencyCommand({
        FunctionName,
        ReservedConcurrentExecutions: reservedConcurrency,
      }),
    );
  return { name: FunctionName, arn };
}
