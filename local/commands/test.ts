/**
 * `npm test [-- --engine <name>] [<options of vitest>]`: every suite of an engine, or those asked
 * for. The last line of stdout is `N passed, N failed`, however vitest ends.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localAwsEnvironment } from '#ops/aws-guard.ts';
import { checkout } from '../bootstrap/paths.mjs';
import { namedStack } from '../named-stack.ts';
import { oneFailure, tallyOf, toClosingLine } from '../tally.ts';
import { tallyIn } from '../tally-file.ts';
import { readTestOptions } from '../test-options.ts';

/** Nobody listens on port 9. A suite with an engine puts its own address there. */
const nowhere = 'http://127.0.0.1:9';

/** One that was pointed at a stack on AWS needs the caller's credentials. */
function environment(): NodeJS.ProcessEnv {
  const named = namedStack(process.env);
  return named && !named.endpoint ? process.env : localAwsEnvironment(named?.endpoint ?? nowhere);
}

function orRefused<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.log(`${error.message}\n\n${toClosingLine(oneFailure)}`);
    process.exit(2);
  }
}

const { engine, tallyFile, forVitest } = orRefused(() => readTestOptions(process.argv.slice(2)));
const env = orRefused(environment);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
const own = join(folder, 'tally.json');
const vitest = spawn(
  process.execPath,
  [join(checkout, 'node_modules/vitest/vitest.mjs'), 'run', ...forVitest],
  {
    stdio: 'inherit',
    cwd: checkout,
    env: { ...env, HOLDFAST_ENGINE: engine, HOLDFAST_FINDINGS: folder, HOLDFAST_TALLY: own },
  },
);

// A terminal's Ctrl-C reaches vitest by itself; either way it tears its stack down, and we wait.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => vitest.kill('SIGTERM'));

vitest.once('close', (code, signal) => {
  const left = tallyIn(own);
  rmSync(folder, { recursive: true, force: true });
  if (!left)
    console.log(
      `\nvitest was ended by ${signal ?? `exit code ${code}`}.\n\n${toClosingLine(oneFailure)}`,
    );
  const tally = tallyOf(left, code);
  if (tallyFile) writeFileSync(tallyFile, JSON.stringify(tally));
  process.exitCode = tally.failed === 0 ? 0 : 1;
});
