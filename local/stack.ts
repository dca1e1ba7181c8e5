/**
 * The whole service on this machine: an engine on free ports, everything deployed to it, settled and
 * seeded. `npm start` and the tests have it from here.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { resourceName } from '#functions/tables/names.ts';
import { type TableName, tables } from '#functions/tables/tables.ts';
import { demoTenants } from '#functions/tables/tiers.ts';
import { apiStage } from '#infra/gateway.ts';
import { readApiKeys } from '#ops/api-keys.ts';
import { localAwsEnvironment, useLocalAws } from '#ops/aws-guard.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { type DynamoStore, dynamoStore } from '#shared/state/dynamodb-store.ts';
import { newLog } from './bootstrap/logs.mjs';
import { holdfastFolder } from './bootstrap/paths.mjs';
import { thisProcess } from './bootstrap/processes.mjs';
import { deployStage } from './deploy.ts';
import type { Engine } from './engines/engine.ts';
import { startEngine } from './engines/engines.ts';
import { defaultEngine, type EngineName } from './engines/names.ts';
import type { Steps } from './progress.ts';
import { seed } from './seed.ts';
import { deployedResources, type StackTemplate } from './settle/deployed.ts';
import { settle } from './settle/settle.ts';
import type { Clients } from './settle/step.ts';
import { everyStep } from './settle/steps.ts';
import type { LocalState } from './state-file.ts';

export interface Stack extends LocalState {
  readonly apiId: string;
  /** Of the engine, its functions' output included. */
  readonly logFile: string;
  /** Resolves if the engine ends without having been stopped; `tail` is the end of its log. */
  readonly died: Engine['died'];
  /** Resolves when no process of the stack is left. Repeatable. */
  stop(): Promise<void>;
}

export interface StackOptions {
  readonly engine?: EngineName;
  /** Who hears of each step. Default: nobody. */
  readonly steps?: Steps;
  /** Folder for logs and everything private. Default: `.holdfast` of this checkout. */
  readonly folder?: string;
  /** Gives up, and stops what has been started. */
  readonly signal?: AbortSignal;
}

const silent: Steps = { run: async (_, work) => work(() => {}), line: () => {} };

/** The engine ended while it was needed. */
export class EngineDiedError extends Error {
  override name = 'EngineDiedError';

  constructor(logFile: string, tail: string) {
    super(`the engine has ended; its log (${logFile}) ends:\n${tail}`);
  }
}

/**
 * The environment of this process becomes the stack's: AWS clients that it builds from here on speak
 * to the engine and to nobody else.
 *
 * @throws what failed, or the signal's reason. Nothing is left running then.
 */
export async function startStack({
  engine: name = defaultEngine,
  steps = silent,
  folder = holdfastFolder,
  signal,
}: StackOptions = {}): Promise<Stack> {
  signal?.throwIfAborted();
  const engine = await steps.run('Engine', async (note) => {
    const started = await startEngine(name, { folder });
    note(`${started.name} at ${started.endpoint}`);
    return started;
  });
  const gone = new AbortController();
  void engine.died.then(({ tail }) => gone.abort(new EngineDiedError(engine.logFile, tail)));
  try {
    const until = AbortSignal.any([gone.signal, ...(signal ? [signal] : [])]);
    return await build({ engine, steps, folder, signal: until });
  } catch (error) {
    const cause = signal?.aborted ? error : await causeOf(error, engine);
    await engine.stop();
    throw cause;
  }
}

/** Calls fail a moment before the engine's end is known. */
const knownWithinMs = 300;

/** The engine's end, where that is why something failed; else the error itself. */
export async function causeOf(
  error: unknown,
  { died, logFile }: Pick<Engine, 'died' | 'logFile'>,
): Promise<unknown> {
  const end = await Promise.race([died, wait(knownWithinMs)]);
  return end ? new EngineDiedError(logFile, end.tail) : error;
}

interface Building extends Required<Pick<StackOptions, 'steps' | 'folder' | 'signal'>> {
  readonly engine: Engine;
}

async function build({ engine, steps, folder, signal }: Building): Promise<Stack> {
  const { endpoint, region } = engine;
  signal.throwIfAborted();
  useLocalAws(endpoint);
  const port = new URL(endpoint).port;
  const { templates, outputs } = await steps.run('Deploy', (note) =>
    deployStage({
      stage: 'local',
      environment: localAwsEnvironment(endpoint),
      // Goes with the engine.
      folder: join(folder, 'run', port),
      logFile: newLog(join(folder, 'logs'), `deploy-${port}`),
      onProgress: note,
      signal,
    }),
  );
  signal.throwIfAborted();
  await steps.run('Settle', async (note) => {
    const settled = await settleStack(templates);
    note(`${settled.lookedAt} resources read back, ${settled.mended} settings put right`);
  });
  signal.throwIfAborted();
  const apiKeys = await steps.run('Seed', async (note) => {
    const { written } = await seed(localStore());
    note(`${written} items for ${Object.keys(demoTenants).join(', ')}`);
    return readApiKeys('local', new APIGatewayClient(patient()));
  });
  signal.throwIfAborted();
  const { ApiId: apiId } = outputs;
  if (!apiId) throw new Error('the stacks have no output ApiId');
  return {
    stage: 'local',
    apiId,
    apiUrl: `${endpoint}/_aws/execute-api/${apiId}/${apiStage}`,
    endpoint,
    region,
    engine: engine.name,
    apiKeys,
    tenants: Object.keys(demoTenants),
    pids: [
      { name: 'npm start', ...thisProcess() },
      { name: engine.name, pid: engine.pid, startedAt: engine.startedAt },
    ],
    logFile: engine.logFile,
    died: engine.died,
    stop: engine.stop,
  };
}

/** Nobody waits for these calls but us, and settling makes some hundred connections at once. */
const patient = () => clientOptions(patience);

/** Clients of every service that settling speaks to, as the environment says. */
export const settleClients = (): Clients => ({
  apiGateway: new APIGatewayClient(patient()),
  dynamodb: new DynamoDBClient(patient()),
  lambda: new LambdaClient(patient()),
  logs: new CloudWatchLogsClient(patient()),
  sqs: new SQSClient(patient()),
});

async function settleStack(templates: readonly StackTemplate[]) {
  const resources = await deployedResources(templates, new CloudFormationClient(patient()));
  const mended = await settle({ resources, clients: settleClients() });
  const lookedAt = resources.filter(({ type }) => everyStep.some((step) => step.type === type));
  return { lookedAt: lookedAt.length, mended: mended.length };
}

/** The tables of the local stack, by role. */
export function localStore(): DynamoStore {
  const client = new DynamoDBClient(patient());
  return dynamoStore({
    clients: { once: client, again: client },
    tables: Object.fromEntries(
      (Object.keys(tables) as TableName[]).map((role) => [role, resourceName('local', role)]),
    ),
  });
}
