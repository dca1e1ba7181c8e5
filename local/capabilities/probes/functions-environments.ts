/** How many environments a function may have, and what they do between calls. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteFunctionConcurrencyCommand, TooManyRequestsException } from '@aws-sdk/client-lambda';
import type { Lab } from '../lab.ts';
import type { Probe } from '../probe.ts';

async function isRefused(lab: Lab, functionName: string, payload: unknown = {}): Promise<boolean> {
  try {
    const { error } = await lab.invoke({ functionName, payload });
    if (error !== undefined) throw new Error(`${functionName} failed instead of answering`);
    return false;
  } catch (fault) {
    if (fault instanceof TooManyRequestsException) return true;
    throw fault;
  }
}

const reservedConcurrency: Probe = async (lab) => {
  const { name } = await lab.deployFunction({
    code: `
export const handler = async ({ holdMs = 0 }) => {
  await new Promise((resume) => setTimeout(resume, holdMs));
  return 'done';
};`,
    hint: 'reserved',
    reservedConcurrency: 1,
  });
  if (await isRefused(lab, name)) throw new Error('the only environment is refused to the first');
  const calls = 3;
  const atOnce = await Promise.all(
    Array.from({ length: calls }, () => isRefused(lab, name, { holdMs: 2_000 })),
  );
  const refused = atOnce.filter(Boolean).length;
  const refusedAfter = await isRefused(lab, name);
  return {
    does: refused === calls - 1 && !refusedAfter,
    saw: `${refused} of ${calls} calls at once refused with 429, and ${refusedAfter ? 'one' : 'none'} afterwards`,
  };
};

const reservedConcurrencyDeployed: Probe = async (lab) => {
  const stack = await lab.deployStack({
    hint: 'reserved',
    resources: {
      None: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: 'arn:aws:iam::000000000000:role/probe',
          Code: { ZipFile: `exports.handler = async () => 'done';` },
          ReservedConcurrentExecutions: 0,
        },
      },
    },
  });
  const name = stack.physicalId('None');
  const refused = await isRefused(lab, name);
  await lab.clients.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: name }));
  if (await isRefused(lab, name)) throw new Error('a function without a limit refuses its call');
  return { does: refused, saw: refused ? 'a call refused with 429' : 'a call answered' };
};

const frozenBetweenCalls: Probe = async (lab) => {
  const { name } = await lab.deployFunction({
    code: `
const environment = crypto.randomUUID();
let ticks = 0;
setInterval(() => { ticks += 1; }, 50);
export const handler = async () => ({ environment, ticks });`,
    hint: 'frozen',
  });
  const look = async () =>
    (await lab.invoke({ functionName: name })).payload as { environment: string; ticks: number };
  const before = await look();
  await sleep(2_000);
  const after = await look();
  if (after.environment !== before.environment)
    throw new Error('the second call came to another environment');
  const ticks = after.ticks - before.ticks;
  return { does: ticks < 10, saw: `a timer of 50 ms ran ${ticks} times in 2 s between two calls` };
};

export const environmentProbes = {
  'reserved-concurrency': reservedConcurrency,
  'reserved-concurrency-deployed': reservedConcurrencyDeployed,
  'frozen-between-calls': frozenBetweenCalls,
};
