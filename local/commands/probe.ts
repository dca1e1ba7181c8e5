/**
 * `npm run probe`: what an engine really does, row by row. A whole run on an engine of its own is kept
 * in docs/evidence and writes docs/engines.md anew.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localRegion, useLocalAws } from '#ops/aws-guard.ts';
import { UsageError } from '#ops/usage-error.ts';
import { EnvironmentMissing } from '../bootstrap/missing.mjs';
import { checkout } from '../bootstrap/paths.mjs';
import { noRoomLeft } from '../bootstrap/room.mjs';
import { inTableOrder, readEvidence, writeEvidence } from '../capabilities/evidence.ts';
import { newLab } from '../capabilities/lab.ts';
import { type ProbeOptions, probeUsage, readProbeOptions } from '../capabilities/options.ts';
import { enginesPage } from '../capabilities/page.ts';
import { order, probes } from '../capabilities/probes.ts';
import { runProbes } from '../capabilities/run.ts';
import { capabilities } from '../capabilities/table.ts';
import { verdictOn } from '../capabilities/verdict.ts';
import { startEngine } from '../engines/engines.ts';
import { EngineError } from '../engines/supervised.ts';
import { versionAt } from '../engines/version.ts';
import { endOnSignal, Interrupted } from '../interrupt.ts';
import { progress } from '../progress.ts';

type Measuring = Omit<ProbeOptions, 'endpoint'> & {
  readonly endpoint: string;
  /** Gives up. */
  readonly signal: AbortSignal;
};

/**
 * Once it has given up it says nothing more, and only cleans up.
 *
 * @returns whether every probe has ended, and the table says what they found.
 */
async function measure(options: Measuring): Promise<boolean> {
  const { engine, endpoint, ids, isEvidence, json, signal } = options;
  signal.throwIfAborted();
  useLocalAws(endpoint);
  const say = json ? console.error : console.log;
  const version = await versionAt(engine, endpoint, signal);
  say(`${engine} ${version}: ${ids.length} rows`);
  const startedAtMs = performance.now();
  const verdict = verdictOn(engine, capabilities);
  const outcomes = runProbes({
    ids,
    probes,
    ...order,
    newLab: () => newLab({ endpoint, region: localRegion }),
    signal,
  });
  const told = [...outcomes].map(async ([id, outcome]) => {
    const line = verdict.add(id, await outcome);
    if (!signal.aborted) say(line);
  });
  await Promise.race([Promise.all(told), abortedFor(cleansWithinMs, signal)]);
  signal.throwIfAborted();

  say(`\n${verdict.sum()}, in ${Math.round((performance.now() - startedAtMs) / 1_000)} s`);
  const evidence = {
    command: `npm run probe -- --engine ${engine}`,
    engine,
    version,
    findings: inTableOrder(verdict.findings),
  };
  if (json) console.log(JSON.stringify(evidence, undefined, 2));
  if (isEvidence && verdict.isWhole()) {
    writeEvidence(engine, evidence);
    writePage();
    say(`written: docs/evidence/engines/${engine}.json, docs/engines.md`);
  }
  return verdict.isGood();
}

/** An engine that answers nothing keeps whoever cleans up on it. */
const cleansWithinMs = 10_000;

async function abortedFor(ms: number, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  await sleep(ms);
}

function writePage(): void {
  const page = enginesPage({
    rows: capabilities,
    evidence: { ministack: readEvidence('ministack'), localstack: readEvidence('localstack') },
  });
  writeFileSync(join(checkout, 'docs', 'engines.md'), page);
}

/** On an engine of its own, which ends with it. */
async function measureAlone(options: ProbeOptions, signal: AbortSignal): Promise<boolean> {
  const engine = await progress().run('Engine', async (note) => {
    const started = await startEngine(options.engine);
    note(`${started.name} at ${started.endpoint}`);
    return started;
  });
  const gone = new AbortController();
  void engine.died.then(({ tail }) =>
    gone.abort(new EngineError(`the engine has ended; its log (${engine.logFile}) ends:\n${tail}`)),
  );
  try {
    const { endpoint } = engine;
    return await measure({ ...options, endpoint, signal: AbortSignal.any([signal, gone.signal]) });
  } finally {
    await engine.stop();
  }
}

async function main(args: readonly string[]): Promise<boolean> {
  const { endpoint, ...options } = readProbeOptions(args);
  if (options.page) {
    writePage();
    return true;
  }
  const signal = endOnSignal();
  return endpoint === undefined
    ? measureAlone({ endpoint, ...options }, signal)
    : measure({ endpoint, ...options, signal });
}

/** @returns the exit code. */
function explain(thrown: unknown): number {
  const error = noRoomLeft(thrown) ?? thrown;
  if (error instanceof UsageError) {
    console.error(`${error.message}\n${probeUsage}`);
    return 2;
  }
  const isMissing = error instanceof EnvironmentMissing || error instanceof Interrupted;
  console.error(isMissing || error instanceof EngineError ? error.message : error);
  return isMissing ? error.exitCode : 1;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  // A probe that was given up may still wait for something, and has nobody to tell it.
  process.exit(explain(error));
}
