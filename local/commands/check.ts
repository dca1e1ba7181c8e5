/** `npm run check`: format, lint, types and dead code. Exit code 1 when one of them finds something. */
import { type CheckName, checks, runCheck } from '../checks.ts';

const results = await Promise.all(
  (Object.keys(checks) as CheckName[]).map(async (name) => {
    const { passed, output, elapsedMs } = await runCheck(name);
    console.log(`${passed ? '✓' : '✗'} ${name} · ${(elapsedMs / 1000).toFixed(1)} s`);
    if (!passed) console.log(`\n${output}\n`);
    return passed;
  }),
);

process.exitCode = results.every(Boolean) ? 0 : 1;
