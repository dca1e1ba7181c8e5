/**
 * `npm run k6 -- <script>`: one question of k6/, asked of the running local stack, or of a deployed
 * one with `--stage sandbox`. The report is reports/k6/<script>.{html,json}.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StackMissingError } from '#ops/stack.ts';
import { UsageError } from '#ops/usage-error.ts';
import { EnvironmentMissing } from '../bootstrap/missing.mjs';
import { checkout } from '../bootstrap/paths.mjs';
import { findK6 } from '../tools/k6.ts';
import { runK6 } from '../tools/k6-run.ts';
import { type K6Target, k6Usage, readK6Options, targetOf } from '../tools/k6-target.ts';

/** A token of the tenant that load tests are for, from the command that people use. */
const tokenFor = ({ stage, port, env }: K6Target): string =>
  execFileSync(
    process.execPath,
    [
      join(checkout, 'ops', 'token.ts'),
      ...['--tenant', 'load', '--user', 'u1', '--role', 'user', '--expires-in', '3600'],
      ...['--stage', stage, ...(port === undefined ? [] : ['--port', port])],
    ],
    { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  ).trim();

async function main(args: readonly string[]): Promise<number> {
  const { script, rate, seconds, ...aim } = readK6Options(args);
  const file = join(checkout, 'k6', `${script}.ts`);
  if (!existsSync(file)) throw new UsageError(`there is no k6/${script}.ts`);
  const target = targetOf(aim);
  const { command } = await findK6();
  const objections = await runK6({
    command: [command],
    script: file,
    target,
    token: tokenFor(target),
    rate,
    seconds,
    report: join(checkout, 'reports', 'k6', script),
  });
  for (const objection of objections) console.log(`✗ ${objection}`);
  console.log(`report: reports/k6/${script}.html, reports/k6/${script}.json`);
  return objections.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n${k6Usage}`);
    process.exitCode = 2;
  } else if (error instanceof EnvironmentMissing || error instanceof StackMissingError) {
    console.error(error.message);
    process.exitCode = error.exitCode;
  } else throw error;
}
