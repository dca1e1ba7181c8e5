/** The command against what only looks like an engine. What its probes find is not looked at. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkout } from '#local/bootstrap/paths.mjs';

const health = '/_ministack/health';

/** One row of it on an engine that answers so, with all that was said and the end. */
async function probing(answer: RequestListener) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = spawn(
    process.execPath,
    [
      join(checkout, 'local/commands/probe.ts'),
      ...['--engine', 'ministack', '--endpoint', endpoint, '--only', 'rotation'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
  });
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return {
    endpoint,
    interrupt: () => child.kill('SIGINT'),
    end: async () => {
      const [stdout, stderr, [code]] = await said;
      return { stdout, stderr, code };
    },
  };
}

const stopped = { stderr: 'Ctrl-C: everything is stopped\n', code: 130 };

describe('npm run probe', { timeout: 30_000 }, () => {
  it('says what is wrong with an address that no such engine answers at, and no more', async () => {
    const { endpoint, end } = await probing((_, response) => response.writeHead(404).end());
    expect(await end()).toEqual({
      stdout: '',
      stderr: `${endpoint} does not say which ministack it is, at ${health}: it answered 404\n`,
      code: 1,
    });
  });

  it('ends at Ctrl-C before the engine has said what it is', async () => {
    const asked = Promise.withResolvers<void>();
    const { interrupt, end } = await probing(() => asked.resolve());
    await asked.promise;
    interrupt();
    expect(await end()).toEqual({ stdout: '', ...stopped });
  });

  it('ends at Ctrl-C while it measures, and tells nothing of rows that it gave up', async () => {
    const asked = Promise.withResolvers<void>();
    let isCleaning = false;
    const { interrupt, end } = await probing(({ url }, response) => {
      if (url === health) response.end('{"version":"1.2.3"}');
      else if (isCleaning) response.writeHead(400).end();
      else asked.resolve();
    });
    await asked.promise;
    isCleaning = true;
    interrupt();
    expect(await end()).toEqual({ stdout: 'ministack 1.2.3: 1 rows\n', ...stopped });
  });
});
