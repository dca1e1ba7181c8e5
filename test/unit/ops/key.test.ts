import { APIGatewayClient, GetApiKeysCommand } from '@aws-sdk/client-api-gateway';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it, onTestFinished } from 'vitest';
import { key } from '#ops/key.ts';

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await key(args, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { code, out: out.join(''), err: err.join('') };
}

/** A gateway with these keys, a page each. */
function gatewayWith(...names: readonly string[]) {
  const gateway = mockClient(APIGatewayClient);
  onTestFinished(() => gateway.restore());
  const answers = names.map((name, nth) => ({
    items: [{ name, value: `key of ${name}` }],
    ...(nth < names.length - 1 && { position: String(nth) }),
  }));
  for (const answer of answers) gateway.on(GetApiKeysCommand).resolvesOnce(answer);
  for (const [nth, answer] of answers.entries())
    gateway.on(GetApiKeysCommand, nth === 0 ? {} : { position: String(nth - 1) }).resolves(answer);
  return gateway;
}

const ofSandbox = ['acme', 'globex', 'initech', 'load'].map((name) => `holdfast-sandbox-${name}`);

describe('npm run key', () => {
  it('prints the key of the tenant in that stage, and nothing else', async () => {
    gatewayWith('holdfast-local-acme', ...ofSandbox);
    expect(await run('--tenant', 'acme', '--stage', 'sandbox')).toEqual({
      code: 0,
      out: 'key of holdfast-sandbox-acme\n',
      err: '',
    });
  });

  it('asks for the keys of that stage only', async () => {
    const gateway = gatewayWith(...ofSandbox);
    await run('--tenant', 'acme', '--stage', 'sandbox');
    const asked = gateway.commandCalls(GetApiKeysCommand).map(({ args: [{ input }] }) => input);
    expect(asked).not.toEqual([]);
    for (const input of asked) expect(input).toMatchObject({ nameQuery: 'holdfast-sandbox-' });
  });

  it('says which key there is not, and exits with 3', async () => {
    gatewayWith('holdfast-local-acme');
    const { code, out, err } = await run('--tenant', 'acme', '--stage', 'sandbox');
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain('there is no API key holdfast-sandbox-acme');
  });

  it.each([
    [[], '--tenant must be one of acme'],
    [['--tenant', 'nobody'], "got 'nobody'"],
    [['--tenant', 'acme', '--stage', 'production'], '--stage must be'],
    [['--tenant', 'acme', '--port', 'x'], '--port must be'],
    [['--tenant', 'acme', '--user', 'u1'], 'no option --user'],
  ])('used as %j says how to use it, and exits with 2', async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain('usage: npm run -s key');
  });
});
