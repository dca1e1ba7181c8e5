/**
 * Keeps a compose project of one container up: brings it up, prints `<project> is up`, and takes it
 * down with its volumes at SIGTERM, when whoever holds the other end of stdin is gone, and when the
 * container has ended by itself. It exits with the code of a `docker compose down` that failed, else
 * with 0 when it was asked to end, and 1 when the project did not come up or its container has ended.
 *
 * usage: node compose-project.ts PROJECT FILE SERVICE
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const [project = '', file = '', service = ''] = process.argv.slice(2);

/** @returns the exit code of a `docker` that prints where this process does. */
async function docker(...args: readonly string[]): Promise<number> {
  const child = spawn('docker', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

const compose = (...args: readonly string[]) =>
  docker('compose', '--project-name', project, '--file', file, ...args);

let ending: Promise<never> | undefined;
let asked = false;
function end(): Promise<never> {
  ending ??= (async () => {
    // It ends its functions' containers in that time.
    const down = await compose('down', '--volumes', '--timeout', '20');
    return process.exit(down || (asked ? 0 : 1));
  })();
  return ending;
}

const ask = () => {
  asked = true;
  void end();
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, ask);
process.stdin.resume().once('end', ask);

if ((await compose('up', '--wait')) !== 0) await end();
console.log(`${project} is up`);
void compose('logs', '--follow', '--no-color', '--no-log-prefix');
await docker('wait', `${project}-${service}-1`);
await end();
