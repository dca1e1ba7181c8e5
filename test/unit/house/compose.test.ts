import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkout } from './sources.ts';

const file = join(checkout, 'docker-compose.localstack.yml');
const text = readFileSync(file, 'utf8');

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string;
        readonly ports?: readonly string[];
        readonly environment?: Readonly<Record<string, string>>;
        readonly healthcheck?: unknown;
        readonly volumes?: readonly { readonly type: string; readonly source: string }[];
      }
    >
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** What is wrong with a compose file, by the rules of this house. */
function objections(source: string): readonly string[] {
  const { services, volumes } = parse(source) as Compose;
  return Object.entries(services).flatMap(([name, service]) => [
    ...(/:\d+\.\d+\.\d+$/.test(service.image) ? [] : [`${name}: ${service.image} is not pinned`]),
    ...(service.ports ?? [])
      .filter((port) => !port.startsWith('127.0.0.1:'))
      .map((port) => `${name}: port ${port} is open to the network`),
    ...Object.keys(service.environment ?? {})
      .filter((variable) => /TOKEN|API_KEY|SECRET|PASSWORD/.test(variable))
      .map((variable) => `${name}: ${variable} is a secret`),
    ...(service.volumes ?? [])
      .filter(({ type, source: volume }) => type === 'volume' && !(volume in volumes))
      .map(({ source: volume }) => `${name}: volume ${volume} is not declared`),
    ...(service.healthcheck ? [] : [`${name}: nothing says when it is ready`]),
  ]);
}

/** What the linter of compose files says, and its exit code. */
function lint(path: string) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(checkout, 'node_modules/dclint/bin/dclint.cjs'), '--max-warnings', '0', path],
    { encoding: 'utf8' },
  );
  return { status, output: `${stdout}${stderr}`.trim() };
}

describe('the compose file of LocalStack', () => {
  it('passes the linter of compose files', { timeout: 30_000 }, () => {
    expect(lint(file)).toEqual({ status: 0, output: '' });
  });

  it('is pinned, ready when it says so, on the loopback only, and needs no secret', () => {
    expect(objections(text)).toEqual([]);
  });

  it('names the last image that runs without a token', () => {
    const { services } = parse(text) as Compose;
    expect(Object.values(services).map(({ image }) => image)).toEqual([
      'localstack/localstack:4.14.0',
    ]);
  });

  it.each([
    ['an image that moves', text.replace(':4.14.0', ':latest')],
    ['a port for everybody', text.replace("- '127.0.0.1:", "- '")],
    ['a token', text.replace('SQS_ENDPOINT_STRATEGY:', 'LOCALSTACK_AUTH_TOKEN:')],
    ['a volume that is not declared', text.replace('source: localstack', 'source: elsewhere')],
    ['no health check', text.replace('healthcheck:', 'x-healthcheck:')],
  ])('would not pass with %s', (_, changed) => {
    expect(objections(changed)).toHaveLength(1);
  });

  it('would not pass the linter with a key that compose does not know', { timeout: 30_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-compose-'));
    const wrong = join(folder, 'compose.yml');
    writeFileSync(wrong, text.replace('    image:', '    imagination: 1\n    image:'));
    expect(lint(wrong).status).toBe(1);
    rmSync(folder, { recursive: true });
  });
});
