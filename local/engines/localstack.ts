/**
 * LocalStack on the host, without Docker, Java or a token: a Python process and one `node` an
 * execution environment, by the package in localstack/. Its tables are kept by MiniStack behind it.
 */
import { mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { localRegion } from '#ops/aws-guard.ts';
import { assertWhole } from '#shared/options/assert-numbers.ts';
import { holdfastFolder } from '../bootstrap/paths.mjs';
import { enginePackages, findPython } from '../bootstrap/python.mjs';
import { freePort } from '../ports.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { joined } from './joined.ts';
import { answerOf, launch, type Own } from './launch.ts';
import { roomForASlowProvider, startMiniStack } from './ministack.ts';

/** Everything that LocalStack sees. Its functions see only their own. */
interface Recipe extends Pick<Own, 'port' | 'identity'> {
  readonly folder: Pick<Own['folder'], 'path' | 'home' | 'temporary'>;
  readonly packages: string;
  /** Address of the engine that keeps the tables. */
  readonly tables: string;
  readonly functionConcurrency: number;
}

export function localStackEnvironment({
  port,
  identity,
  folder,
  packages,
  tables,
  functionConcurrency,
}: Recipe): Record<string, string> {
  const address = `127.0.0.1:${port}`;
  return {
    HOME: folder.home,
    TMPDIR: folder.temporary,
    LANG: 'C.UTF-8',
    PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    PYTHONPATH: [packages, join(import.meta.dirname, 'localstack')].join(delimiter),
    // The folder of the script that is run has a `localstack` too, which is not the one meant.
    PYTHONSAFEPATH: '1',
    PYTHONUNBUFFERED: '1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: localRegion,
    // Inside a container it would take itself for its own image, and its folders for those of that.
    OVERRIDE_IN_DOCKER: '0',
    FILESYSTEM_ROOT: rootOf({ folder }),
    LOCALSTACK_BUILD_GIT_HASH: identity,
    GATEWAY_SERVER: 'twisted-bound',
    GATEWAY_LISTEN: address,
    LOCALSTACK_HOST: address,
    DNS_ADDRESS: '0',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DISABLE_EVENTS: '1',
    EAGER_SERVICE_LOADING: '0',
    // Queue URLs hold a path and not a host of their own, which nobody could resolve.
    SQS_ENDPOINT_STRATEGY: 'path',
    PROVIDER_OVERRIDE_DYNAMODB: 'external',
    PROVIDER_OVERRIDE_DYNAMODBSTREAMS: 'external',
    DYNAMODB_EXTERNAL_URL: tables,
    LAMBDA_RUNTIME_EXECUTOR: 'process',
    LAMBDA_PROCESS_NODE: process.execPath,
    LAMBDA_LIMITS_CONCURRENT_EXECUTIONS: String(functionConcurrency),
    // It would keep 100 unreserved, as AWS does, and that is more than there are.
    LAMBDA_LIMITS_MINIMUM_UNRESERVED_CONCURRENCY: '0',
    LAMBDA_RETRY_BASE_DELAY: '1',
    LAMBDA_KEEPALIVE_MS: '60000',
    LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC: '0.1',
    LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC: '1',
    LS_LOG: 'info',
  };
}

const rootOf = ({ folder }: Pick<Recipe, 'folder'>): string => join(folder.path, 'root');

/** What it makes of the models of all AWS services takes it three seconds, and is the same each time. */
function shareCache(root: string, shared: string): void {
  const place = join(root, 'var', 'lib', 'localstack');
  for (const folder of [place, shared]) mkdirSync(folder, { recursive: true });
  symlinkSync(shared, join(place, 'cache'));
}

export interface LocalStackOptions extends EngineOptions {
  readonly choosePort?: () => Promise<number>;
}

/** It writes nothing that is kept, so there is nothing to wait longer for. */
const graceMs = 5_000;

export async function startLocalStack({
  folder = holdfastFolder,
  readyWithinMs = 120_000, // the first start compiles it
  functionConcurrency = roomForASlowProvider,
  choosePort = freePort,
}: LocalStackOptions = {}): Promise<Engine> {
  assertWhole({ functionConcurrency }, 1);
  const python = await findPython('localstack');
  const packages = await enginePackages('localstack', python);
  const tables = await startMiniStack({
    folder,
    readyWithinMs,
    python,
    services: ['dynamodb', 'dynamodbstreams'],
  });
  try {
    const front = await launch({
      name: 'localstack',
      folder,
      readyWithinMs,
      choosePort,
      program: (own) => {
        shareCache(rootOf(own), join(packages, '.cache'));
        return {
          command: python.executable,
          args: [join(import.meta.dirname, 'follow_supervisor.py'), 'localstack.runtime.main'],
          environment: localStackEnvironment({
            ...own,
            packages,
            tables: tables.endpoint,
            functionConcurrency,
          }),
          graceMs,
        };
      },
      async isReady({ endpoint, identity }) {
        const { version } = (await answerOf(`${endpoint}/_localstack/info`)) as { version: string };
        return version.endsWith(`:${identity}`);
      },
    });
    return joined(front, tables);
  } catch (error) {
    await tables.stop();
    throw error;
  }
}
