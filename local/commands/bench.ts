/** `npm run bench -- <name>`: one benchmark, by the name of its file. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../bootstrap/paths.mjs';

/** What can be measured, and what each answers. */
const benches: Readonly<Record<string, string>> = {
  'order-latency': 'an accepted order until it is confirmed, beside a bare chain',
};

const [name = '', ...rest] = process.argv.slice(2);
const file = join(checkout, 'test/bench', `${name}.ts`);
if (!Object.hasOwn(benches, name) || !existsSync(file) || rest.length > 0) {
  const list = Object.entries(benches).map(([bench, answers]) => `  ${bench}  ${answers}`);
  console.error(`usage: npm run bench -- <name>\n\n${list.join('\n')}`);
  process.exitCode = 2;
} else {
  const { status } = spawnSync(process.execPath, [file], { stdio: 'inherit', cwd: checkout });
  process.exitCode = status ?? 1;
}
