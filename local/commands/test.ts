/**
 * `npm test [-- <options of vitest>]`: every suite, or those asked for. The last line of stdout is
 * `N passed, N failed`, however vitest ends.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localAwsEnvironment } from '#ops/aws-guard.ts';
import { checkout } from '../bootstrap/paths.mjs';

/** Whether the run left a tally behind (test/reporters/closing-line.ts), which is its last act. */
function left(tallyPath: string): boolean {
  try {
    return readFileSync(tallyPath).length > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
const tallyPath = join(folder, 'tally.json');

// Nobody listens on port 9. A suite with an engine puts its own address there; one that was pointed
// at a stack on AWS needs the caller's credentials.
const { HOLDFAST_API_URL: apiUrl, HOLDFAST_ENDPOINT: endpoint = 'http://127.0.0.1:9' } =
  process.env;
const onAws = apiUrl !== undefined && process.env['HOLDFAST_ENDPOINT'] === undefined;
const env = onAws ? process.env : localAwsEnvironment(endpoint);
const vitest = spawn(
  process.execPath,
  [join(checkout, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)],
  { stdio: 'inherit', cwd: checkout, env: { ...env, HOLDFAST_TALLY: tallyPath } },
);

// A terminal's Ctrl-C reaches vitest by itself; either way it tears its stack down, and we wait.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => vitest.kill('SIGTERM'));

vitest.once('close', (code, signal) => {
  const whole = left(tallyPath);
  rmSync(folder, { recursive: true, force: true });
  if (!whole)
    console.log(`\nvitest was ended by ${signal ?? `exit code ${code}`}.\n\n0 passed, 1 failed`);
  process.exitCode = code === 0 && whole ? 0 : 1;
});
