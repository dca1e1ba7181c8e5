import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { engineAt } from '#local/engines/at-endpoint.ts';

/** Answers 200 at these paths and 404 at all others. */
async function serving(...paths: readonly string[]): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(paths.includes(url) ? 200 : 404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the engine at an address', () => {
  it('is known by the health that it alone has', async () => {
    const both = await serving('/_ministack/health', '/_localstack/health');
    expect(await engineAt(both)).toBe('ministack');
    expect(await engineAt(await serving('/_localstack/health'))).toBe('localstack');
  });

  it('is none where neither answers', async () => {
    const endpoint = await serving();
    await expect(engineAt(endpoint)).rejects.toThrow(`${endpoint} is no engine`);
  });
});
