/**
 * MiniStack, without Docker: a Python process and one `node` an execution environment.
 */
import { randomUUID } from 'node:crypto';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localRegion } from '#ops/aws-guard.ts';
import { newLog, tailOf } from '../bootstrap/logs.mjs';
import { holdfastFolder } from '../bootstrap/paths.mjs';
import { enginePackages, findPython } from '../bootstrap/python.mjs';
import { freePort } from '../ports.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { type PrivateFolder, privateFolder } from './private-folder.ts';
import { EngineError, type Supervised, supervised } from './supervised.ts';

const attempts = 3;

/** Everything the engine sees; its functions inherit it, so nothing of the caller's may be in it. */
interface Recipe {
  readonly packages: string;
  readonly port: number;
  readonly folder: PrivateFolder;
  readonly functionConcurrency: number;
  readonly identity: string;
}

const environmentOf = ({ packages, port, folder, functionConcurrency, identity }: Recipe) => ({
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
}

/**
 * A slow mail provider holds as many environments as mails are sent at once (40), and below that many
 * and some it would take the API's. On AWS the account's quota has room for both.
 */
const roomForASlowProvider = 80;

export async function startMiniStack({
  folder = holdfastFolder,
  readyWithinMs = 30_000,
  functionConcurrency = roomForASlowProvider,
  choosePort = freePort,
}: MiniStackOptions = {}): Promise<Engine> {
  const python = await findPython();
  const packages = await enginePackages(python);

  const taken: number[] = [];
  while (taken.length < attempts) {
    const port = await choosePort();
    const own = privateFolder(join(folder, 'run'), String(port));
    const engine =
      own &&
      (await launch({ packages, port, folder: own, functionConcurrency, identity: randomUUID() }));
    if (engine) return engine;
    taken.push(port);
  }
  throw new EngineError(
    `no port for the engine: ${taken.join(', ')} were free when chosen and in use a moment later`,
  );

  /** @returns undefined when something else got the port first. */
  async function launch(recipe: Recipe): Promise<Engine | undefined> {
    const { port } = recipe;
    const logFile = newLog(join(folder, 'logs'), `engine-${port}`);
    const engine = await supervised({
      command: python.executable,
      args: [join(import.meta.dirname, 'follow_supervisor.py'), 'ministack'],
      environment: environmentOf(recipe),
      logFile,
      privateFolder: recipe.folder.path,
    });
    const endpoint = `http://127.0.0.1:${port}`;
    const outcome = await ready(engine, endpoint, recipe.identity, readyWithinMs);
    if (outcome === 'ready')
      return { name: 'ministack', region: localRegion, endpoint, logFile, ...engine };
    await engine.stop();
    const tail = tailOf(logFile);
    if (outcome === 'died' && /already in use|Errno 98|Errno 48/i.test(tail)) return undefined;
    const what =
      outcome === 'died' ? 'ended before it was ready' : `was not ready within ${readyWithinMs} ms`;
    throw new EngineError(`the engine ${what}; its log (${logFile}) ends:\n${tail}`);
  }
}

async function ready(
  engine: Supervised,
  endpoint: string,
  identity: string,
  withinMs: number,
): Promise<'ready' | 'died' | 'late'> {
  const deadlineMs = performance.now() + withinMs;
  let died = false;
  const note = () => {
    died = true;
  };
  void engine.died.then(note, note);
  while (!died && performance.now() < deadlineMs) {
    if (await isReady(endpoint, identity)) return 'ready';
    await sleep(25);
  }
  return died ? 'died' : 'late';
}

/** Whether the engine of this identity, and not whoever else has the port, answers that it is ready. */
async function isReady(endpoint: string, identity: string): Promise<boolean> {
  const get = (path: string) => fetch(endpoint + path, { signal: AbortSignal.timeout(1_000) });
  try {
    const { status } = await get('/_ministack/ready');
    if (status !== 200) return false;
    const { edition } = (await (await get('/_ministack/health')).json()) as { edition?: string };
    return edition === identity;
  } catch {
    return false;
  }
}
