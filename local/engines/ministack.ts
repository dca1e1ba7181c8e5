/**
 * MiniStack, without Docker: a Python process and one `node` an execution environment.
 */
import { delimiter, dirname, join } from 'node:path';
import { localRegion } from '#ops/aws-guard.ts';
import { assertWhole } from '#shared/options/assert-numbers.ts';
import { holdfastFolder } from '../bootstrap/paths.mjs';
import { enginePackages, findPython, type Python } from '../bootstrap/python.mjs';
import { freePort } from '../ports.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { answerOf, launch, type Own } from './launch.ts';

/** Everything the engine sees; its functions inherit it, so nothing of the caller's may be in it. */
interface Recipe extends Own {
  readonly packages: string;
  readonly functionConcurrency: number;
  readonly services: readonly string[];
}

const environmentOf = ({
  packages,
  port,
  folder,
  functionConcurrency,
  services,
  identity,
}: Recipe) => ({
  HOME: folder.home,
  TMPDIR: folder.temporary,
  LANG: 'C.UTF-8',
  // Functions run in the first `node` on the path: this one.
  PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
  // The engine's own part of a function's process calls url.parse(), once in each.
  NODE_OPTIONS: '--disable-warning=DEP0169',
  PYTHONPATH: packages,
  PYTHONUNBUFFERED: '1',
  BIND_HOST: '127.0.0.1',
  MINISTACK_HOST: '127.0.0.1',
  GATEWAY_PORT: String(port),
  MINISTACK_REGION: localRegion,
  MINISTACK_EDITION: identity,
  ...(services.length > 0 && { SERVICES: services.join() }),
  IOT_MTLS_ENABLED: '0',
  SFTP_ENABLED: '0',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: localRegion,
  LAMBDA_ACCOUNT_CONCURRENCY: String(functionConcurrency),
  LAMBDA_WARM_TTL_SECONDS: '60',
});

export interface MiniStackOptions extends EngineOptions {
  readonly choosePort?: () => Promise<number>;
  /** Those that it offers, by their names in its health. Default: all. */
  readonly services?: readonly string[];
  /** The interpreter that it runs in. Default: the machine's. */
  readonly python?: Python;
}

/**
 * A slow mail provider holds as many environments as mails are sent at once (40), and below that many
 * and some it would take the API's. On AWS the account's quota has room for both.
 */
export const roomForASlowProvider = 80;

export async function startMiniStack({
  folder = holdfastFolder,
  readyWithinMs = 30_000,
  functionConcurrency = roomForASlowProvider,
  choosePort = freePort,
  services = [],
  python,
}: MiniStackOptions = {}): Promise<Engine> {
  assertWhole({ functionConcurrency }, 1);
  const interpreter = python ?? (await findPython());
  const packages = await enginePackages('ministack', interpreter);
  return launch({
    name: 'ministack',
    folder,
    readyWithinMs,
    choosePort,
    program: (own) => ({
      command: interpreter.executable,
      args: [join(import.meta.dirname, 'follow_supervisor.py'), 'ministack'],
      environment: environmentOf({ ...own, packages, functionConcurrency, services }),
    }),
    async isReady({ endpoint, identity }) {
      await answerOf(`${endpoint}/_ministack/ready`);
      const { edition } = (await answerOf(`${endpoint}/_ministack/health`)) as { edition?: string };
      return edition === identity;
    },
  });
}
