/**
 * `npm run k6 -- <script>`: one question of k6/, asked of the running local stack, or of another one
 * that is named by its URL. The report is reports/k6/<script>.{html,json}.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bearerToken } from '#ops/bearer-token.ts';
import { StackMissingError } from '#ops/stack.ts';
import { UsageError } from '#ops/usage-error.ts';
import type { Bearer } from '#shared/auth/token.ts';
import { EnvironmentMissing } from '../bootstrap/missing.mjs';
import { checkout } from '../bootstrap/paths.mjs';
import { findK6 } from '../tools/k6.ts';
import { callersOf, credentialsOf } from '../tools/k6-callers.ts';
import { runK6 } from '../tools/k6-run.ts';
import { k6Usage, readK6Options, targetOf } from '../tools/k6-target.ts';

const tokenLifeMs = 3_600_000;

async function main(args: readonly string[]): Promise<number> {
  const { script, rate, seconds, seed, ...aim } = readK6Options(args);
  const file = join(checkout, 'k6', `${script}.ts`);
  if (!existsSync(file)) throw new UsageError(`there is no k6/${script}.ts`);
  const target = await targetOf(aim);
  const { stage, apiUrl, apiKeys } = target;
  if (stage !== 'local') console.error(`The load goes to ${apiUrl}, stage ${stage}; it is billed.`);
  const tokenOf = (bearer: Bearer) => bearerToken(stage, bearer, tokenLifeMs);
  const callers = callersOf(script, Date.now().toString(36));
  const { command } = await findK6();
  const objections = await runK6({
    command: [command],
    script: file,
    target,
    token: await tokenOf({ tenant: 'load', user: 'u1', role: 'user' }),
    callers: await credentialsOf(callers, { apiKeys, tokenOf }),
    rate,
    seconds,
    seed,
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
