/** @type {typeof import('./commands.d.mts').commands} */
export const commands = {
  start: {
    file: 'local/commands/start.ts',
    summary: 'the whole service on this machine, until Ctrl-C',
    engine: true,
  },
  test: {
    file: 'local/commands/test.ts',
    summary: 'every test, from unit to end to end',
    engine: true,
  },
  // Each of the runs that it starts installs what it needs.
  'test:all': { file: 'local/commands/test-all.ts', summary: 'npm test, and again on LocalStack' },
  check: { file: 'local/commands/check.ts', summary: 'format, lint, types, dead code' },
  deploy: { file: 'local/commands/deploy.ts', summary: 'to an AWS account' },
  destroy: { file: 'local/commands/destroy.ts', summary: 'what deploy made' },
  token: { file: 'ops/token.ts', summary: 'print a bearer token' },
  key: { file: 'ops/key.ts', summary: "print a tenant's API key" },
  logs: { file: 'ops/logs.ts', summary: "one request's story across functions" },
  ops: { file: 'ops/ops.ts', summary: "the operator's commands" },
  bench: { file: 'local/commands/bench.ts', summary: 'measure and compare', engine: true },
  probe: { file: 'local/commands/probe.ts', summary: 'what an engine really does', engine: true },
  k6: { file: 'local/commands/k6.ts', summary: 'load tests against the running stack' },
};

export const usage = () =>
  [
    'usage: npm start | npm test | npm run <command> -- [options]',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`),
    '',
  ].join('\n');
