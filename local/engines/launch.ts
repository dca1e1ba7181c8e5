/**
 * Starts an engine on a free port of its own, with a private folder and a log, and makes sure that it
 * is this engine that answers there.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localRegion } from '#ops/aws-guard.ts';
import { assertWhole } from '#shared/options/assert-numbers.ts';
import { newLog, tailOf } from '../bootstrap/logs.mjs';
import type { Engine, EngineOptions } from './engine.ts';
import type { EngineName } from './names.ts';
import { type PrivateFolder, privateFolder } from './private-folder.ts';
import { EngineError, type Program, type Supervised, supervised } from './supervised.ts';

/** What one run of an engine has for itself. */
export interface Own {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly folder: PrivateFolder;
  readonly logFile: string;
  /** Known to nobody else: who tells it is the engine that was started. */
  readonly identity: string;
}

export interface Launch extends Required<Pick<EngineOptions, 'folder' | 'readyWithinMs'>> {
  readonly name: EngineName;
  readonly choosePort: () => Promise<number>;
  readonly program: (own: Own) => Omit<Program, 'logFile' | 'privateFolder'>;
  /** Whether it serves, and is the one that was started. A rejection means: not yet. */
  readonly isReady: (own: Own) => Promise<boolean>;
}

const attempts = 3;

/** @throws EngineError */
export async function launch({ folder, choosePort, ...engine }: Launch): Promise<Engine> {
  assertWhole({ readyWithinMs: engine.readyWithinMs }, 1);
  const taken: number[] = [];
  while (taken.length < attempts) {
    const port = await choosePort();
    const own = privateFolder(join(folder, 'run'), String(port));
    const started =
      own &&
      (await launchOn(engine, {
        port,
        endpoint: `http://127.0.0.1:${port}`,
        folder: own,
        logFile: newLog(join(folder, 'logs'), `engine-${port}`),
        identity: randomUUID(),
      }));
    if (started) return started;
    taken.push(port);
  }
  throw new EngineError(
    `no port for the engine: ${taken.join(', ')} were free when chosen and in use a moment later`,
  );
}

type OnePort = Omit<Launch, 'folder' | 'choosePort'>;

/** @returns undefined when something else got the port first. */
async function launchOn(
  { name, program, isReady, readyWithinMs }: OnePort,
  own: Own,
): Promise<Engine | undefined> {
  const { endpoint, logFile, folder } = own;
  const running = await supervised({ ...program(own), logFile, privateFolder: folder.path });
  const outcome = await ready(running, () => isReady(own), readyWithinMs);
  if (outcome === 'ready') return { name, region: localRegion, endpoint, logFile, ...running };
  await running.stop();
  const tail = tailOf(logFile);
  if (outcome === 'died' && /already in use|already allocated|Errno 98|Errno 48/i.test(tail))
    return undefined;
  const what =
    outcome === 'died' ? 'ended before it was ready' : `was not ready within ${readyWithinMs} ms`;
  throw new EngineError(`the engine ${what}; its log (${logFile}) ends:\n${tail}`);
}

async function ready(
  { died }: Supervised,
  isReady: () => Promise<boolean>,
  withinMs: number,
): Promise<'ready' | 'died' | 'late'> {
  const deadlineMs = performance.now() + withinMs;
  let ended = false;
  const note = () => {
    ended = true;
  };
  void died.then(note, note);
  while (!ended && performance.now() < deadlineMs) {
    if (await isReady().catch(() => false)) return 'ready';
    await sleep(25);
  }
  return ended ? 'died' : 'late';
}

/** What an address answers; its own fault when it takes longer than a second. */
export async function answerOf(url: string): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}
