/**
 * Keeps a compose project of one container up: brings it up, prints `<project> is up`, and takes it
 * down with its volumes at SIGTERM, when whoever holds the other end of stdin is gone, and when the
 * container has ended by itself, which is the only end with another exit code than 0.
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
function end(code: number): Promise<never> {
  ending ??= (async () => {
    // It ends its functions' containers in that time.
    const down = await compose('down', '--volumes', '--timeout', '20');
    return process.exit(code || down);
  })();
  return ending;
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => void end(0));
process.stdin.resume().once('end', () => void end(0));

if ((await compose('up', '--wait')) !== 0) await end(1);
console.log(`${project} is up`);
void compose('logs', '--follow', '--no-color', '--no-log-prefix');
await docker('wait', `${project}-${service}-1`);
await end(1);
