/** `npm run bench -- <name> [--keep]`: one benchmark, by the name of its file. */
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../bootstrap/paths.mjs';

/** What can be measured, and what each answers. */
const benches: Readonly<Record<string, string>> = {
  'order-latency': 'an accepted order until it is confirmed, beside a bare chain',
  'order-price': 'what an order asks of AWS on its whole way, and what an idle minute does',
  idempotency: 'what exactly once costs, in calls and units, beside a stock stack',
  'rate-limit': 'what a limit costs and how exact it is, beside rate-limiter-flexible',
  contention:
    'transfers on one pair of accounts: decided anew on conflict, beside one at a time under a lease',
};

const usage = `usage: npm run bench -- <name> [--keep]
  --keep  the figures go to docs/evidence as well, for documents to quote
${Object.entries(benches)
  .map(([bench, answers]) => `  ${bench}  ${answers}`)
  .join('\n')}`;

function main([name = '', ...options]: readonly string[]): number {
  const wrong = Object.hasOwn(benches, name)
    ? options.filter((option) => option !== '--keep').map((option) => `no option '${option}'`)
    : [name === '' ? 'a name is needed' : `there is no benchmark '${name}'`];
  if (wrong.length > 0) {
    console.error(`${wrong.join('; ')}\n${usage}`);
    return 2;
  }
  const { status } = spawnSync(process.execPath, [join(checkout, 'test/bench', `${name}.ts`)], {
    stdio: 'inherit',
    cwd: checkout,
  });
  if (status === 0 && options.includes('--keep'))
    copyFileSync(
      join(checkout, 'reports/bench', `${name}.json`),
      join(checkout, 'docs/evidence', `${name}.json`),
    );
  return status ?? 1;
}

process.exitCode = main(process.argv.slice(2));
