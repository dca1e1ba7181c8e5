/** One run of k6, with its reports. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { objectionsTo } from './k6-summary.ts';
import type { K6Target } from './k6-target.ts';

export interface K6Run {
  /** The program, and what stands before its own arguments. */
  readonly command: readonly [string, ...string[]];
  /** Path of the script. */
  readonly script: string;
  readonly target: K6Target;
  readonly token: string;
  /** As `credentialsOf` makes them. */
  readonly callers?: string | undefined;
  readonly rate?: string | undefined;
  readonly seconds?: string | undefined;
  readonly seed?: string | undefined;
  /** Without an ending: `reports/k6/orders`. */
  readonly report: string;
}

/** @returns what speaks against the service, or against the run; empty when it passed. */
export async function runK6(run: K6Run): Promise<readonly string[]> {
  const { command, script, target, report } = run;
  const [html, json] = [`${report}.html`, `${report}.json`];
  mkdirSync(join(report, '..'), { recursive: true });
  // What an earlier run has left must not be read as this one's.
  for (const old of [html, json]) rmSync(old, { force: true });

  const [program, ...args] = command;
  const k6 = spawn(program, [...args, 'run', '--summary-export', json, script], {
    stdio: 'inherit',
    // In the environment, and not among the arguments, which every user of the machine can read.
    env: {
      ...target.env,
      API_URL: target.apiUrl,
      API_KEY: target.apiKey,
      TOKEN: run.token,
      ...(run.callers && { CALLERS: run.callers }),
      ...(run.rate && { RATE: run.rate }),
      ...(run.seconds && { SECONDS: run.seconds }),
      ...(run.seed && { SEED: run.seed }),
      K6_NO_USAGE_REPORT: 'true',
      K6_WEB_DASHBOARD: 'true',
      K6_WEB_DASHBOARD_EXPORT: html,
      K6_WEB_DASHBOARD_PERIOD: '1s',
      // No listener: only the report is wanted.
      K6_WEB_DASHBOARD_PORT: '-1',
    },
  });
  const ended = await endOf(k6);
  if (!existsSync(json)) return [`k6 ended with ${ended} and left no summary`];
  const objections = objectionsTo(JSON.parse(readFileSync(json, 'utf8')));
  return ended === 'exit code 0' || objections.length > 0 ? objections : [`k6 ended with ${ended}`];
}

/** On Ctrl-C k6 ends by itself and still writes its reports, so it is waited for. */
async function endOf(k6: ReturnType<typeof spawn>): Promise<string> {
  const stay = () => {};
  const end = () => void k6.kill('SIGTERM');
  process.on('SIGINT', stay).on('SIGTERM', end);
  try {
    return await new Promise((resolve, reject) => {
      k6.once('error', reject);
      k6.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  } finally {
    process.off('SIGINT', stay).off('SIGTERM', end);
  }
}
