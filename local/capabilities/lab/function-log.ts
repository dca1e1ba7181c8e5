/** The log of a function, there before its first line and gone with its probe. */
import { CreateLogGroupCommand, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { logGroupOf } from '#functions/tables/names.ts';
import type { Bench } from '../lab.ts';

/** @returns the name of the log group. */
export async function functionLog(
  { clients: { logs }, later }: Bench,
  functionName: string,
): Promise<string> {
  const logGroupName = logGroupOf(functionName);
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  later(() => logs.send(new DeleteLogGroupCommand({ logGroupName })));
  return logGroupName;
}
