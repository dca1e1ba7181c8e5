import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runK6 } from '#local/tools/k6-run.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-k6-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs a stand-in for k6, which does what the text says. `summary` is the path that it was given. */
async function run(text: string, folder = scratch()) {
  const program = join(folder, 'k6.mjs');
  writeFileSync(
    program,
    `import { writeFileSync } from 'node:fs'; const [, , , , summary, script] = process.argv;
     const write = (metrics) => writeFileSync(summary, JSON.stringify({ metrics })); ${text}`,
  );
  const report = join(folder, 'reports', 'orders');
  const objections = await runK6({
    command: [process.execPath, program],
    script: 'k6/orders.ts',
    target: { stage: 'local', apiUrl: 'http://127.0.0.1:1/x', apiKey: 'key', apiKeys: {}, env: {} },
    token: 'token',
    callers: '{"flood":{}}',
    rate: '5',
    seed: '7',
    report,
  });
  return { objections, report };
}

describe('a run of k6', () => {
  it('gets its target, its load and its secrets by the environment', async () => {
    const { report, objections } = await run(`
      write({ http_reqs: { count: 1 }, iterations: { count: 1 } });
      writeFileSync(
        process.env.K6_WEB_DASHBOARD_EXPORT,
        JSON.stringify({ script, arguments: process.argv, ...process.env }),
      );`);
    expect(objections).toEqual([]);
    const seen = JSON.parse(readFileSync(`${report}.html`, 'utf8'));
    expect(seen).toMatchObject({
      script: 'k6/orders.ts',
      API_URL: 'http://127.0.0.1:1/x',
      API_KEY: 'key',
      TOKEN: 'token',
      CALLERS: '{"flood":{}}',
      RATE: '5',
      SEED: '7',
      K6_NO_USAGE_REPORT: 'true',
    });
    expect(seen).not.toHaveProperty('SECONDS');
    expect(seen.arguments.join(' ')).not.toMatch(/flood|token/);
    expect(existsSync(`${report}.json`)).toBe(true);
  });

  it('fails by what its summary says', async () => {
    const { objections } = await run('write({}); process.exit(99);');
    expect(objections).toEqual(['no request was made']);
  });

  it('fails by its exit code, though its summary has nothing against it', async () => {
    const { objections } = await run(
      'write({ http_reqs: { count: 1 }, iterations: { count: 1 } }); process.exit(107);',
    );
    expect(objections).toEqual(['k6 ended with exit code 107']);
  });

  it('fails without a summary', async () => {
    const { objections } = await run('process.exit(107);');
    expect(objections).toEqual(['k6 ended with exit code 107 and left no summary']);
  });

  it('does not take the summary of an earlier run for its own', async () => {
    const folder = scratch();
    await run('write({ http_reqs: { count: 1 }, iterations: { count: 1 } });', folder);
    expect((await run('', folder)).objections).toEqual([
      'k6 ended with exit code 0 and left no summary',
    ]);
  });
});
