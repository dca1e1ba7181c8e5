/**
 * `npm run test:all`: `npm test`, then `npm run test:localstack`. The last line of stdout sums both.
 * Where the second cannot be run for want of its Python, it is one test left out, with the reason;
 * with REQUIRE_PARITY=1 it is one that failed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { EnvironmentMissing } from '../bootstrap/missing.mjs';
import { checkout } from '../bootstrap/paths.mjs';
import { findPython } from '../bootstrap/python.mjs';
import { inTurn, type Part } from '../parts.ts';
import { sumOf, type Tally, tallyOf, toClosingLine } from '../tally.ts';
import { tallyIn } from '../tally-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-all-'));
const stop = new AbortController();
// It tears everything down, and we wait. A terminal's Ctrl-C reaches the run by itself.
const atTerminal = [0, 1, 2].some((stream) => isatty(stream));
process.on('SIGINT', () => stop.abort(atTerminal ? 'SIGINT' : 'SIGTERM'));
process.on('SIGTERM', () => stop.abort('SIGTERM'));

/** A whole `npm test` of its own, from the installing on. A run that leaves no tally has failed. */
async function run(name: string, ...words: readonly string[]): Promise<Tally> {
  const tallyFile = join(folder, name);
  const child = spawn(
    process.execPath,
    [join(checkout, 'local/run.mjs'), 'test', ...words, '--tally', tallyFile],
    { stdio: 'inherit', cwd: checkout },
  );
  const pass = () => stop.signal.reason === 'SIGTERM' && child.kill('SIGTERM');
  stop.signal.addEventListener('abort', pass);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  stop.signal.removeEventListener('abort', pass);
  return tallyOf(tallyIn(tallyFile), code);
}

async function missingForLocalStack(): Promise<string | undefined> {
  try {
    await findPython('localstack');
    return undefined;
  } catch (error) {
    if (error instanceof EnvironmentMissing) return error.message;
    throw error;
  }
}

/** Also for whoever names a Python: one that does not fit is then a mistake, not a machine without. */
function isRequired({ REQUIRE_PARITY = '0', HOLDFAST_PYTHON313 }: NodeJS.ProcessEnv): boolean {
  return !['', '0'].includes(REQUIRE_PARITY) || Boolean(HOLDFAST_PYTHON313);
}

const parts: readonly Part[] = [
  { name: 'npm test', run: () => run('ministack') },
  {
    name: 'npm run test:localstack',
    missing: missingForLocalStack,
    required: isRequired(process.env),
    run: () => run('localstack', '--engine', 'localstack'),
  },
];

try {
  const ends = await inTurn(parts, stop.signal);
  console.log();
  for (const { name, tally, why } of ends) {
    console.log(`${name}: ${toClosingLine(tally)}`);
    if (why) console.log(why.replace(/^/gm, '  '));
  }
  const sum = sumOf(ends.map(({ tally }) => tally));
  console.log(`\n${toClosingLine(sum)}`);
  process.exitCode = sum.failed === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
