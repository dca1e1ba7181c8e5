import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EngineError } from '#local/engines/supervised.ts';
import { versionAt } from '#local/engines/version.ts';

/** @returns the address of what answers so. */
async function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const patient = new AbortController().signal;

describe('the version of an engine', () => {
  it('is what it says, without its build', async () => {
    const endpoint = await serving(({ url }, response) => {
      response.writeHead(url === '/_localstack/info' ? 200 : 404).end('{"version":"4.7.0:ab12"}');
    });
    expect(await versionAt('localstack', endpoint, patient)).toBe('4.7.0');
  });

  it.each<[string, RequestListener, string]>([
    ['another engine', (_, response) => response.writeHead(404).end(), 'it answered 404'],
    ['what says no version', (_, response) => response.end('{}'), 'it answered otherwise'],
    ['what is no engine', (_, response) => response.end('<html>'), 'it answered otherwise'],
  ])('is not asked of %s', async (_, answer, why) => {
    const endpoint = await serving(answer);
    const asking = versionAt('ministack', endpoint, patient);
    await expect(asking).rejects.toThrow(EngineError);
    await expect(asking).rejects.toThrow(
      `${endpoint} does not say which ministack it is, at /_ministack/health: ${why}`,
    );
  });

  it('is not there where nothing listens', async () => {
    const asking = versionAt('ministack', 'http://127.0.0.1:1', patient);
    await expect(asking).rejects.toThrow(EngineError);
    await expect(asking).rejects.toThrow(/ECONNREFUSED|bad port/);
  });

  it('is waited for no longer when that was given up', async () => {
    const givenUp = new AbortController();
    const reason = new Error('Ctrl-C');
    const endpoint = await serving(() => givenUp.abort(reason));
    await expect(versionAt('ministack', endpoint, givenUp.signal)).rejects.toBe(reason);
    await expect(versionAt('ministack', endpoint, givenUp.signal)).rejects.toBe(reason);
  });
});
