/** What a load test is aimed at: the running local stack, unless somebody plainly says otherwise. */
import { localAwsEnvironment, loopbackEndpoint } from '#ops/aws-guard.ts';
import { readOptions } from '#ops/command-line.ts';
import { StackMissingError } from '#ops/stack.ts';
import { UsageError } from '#ops/usage-error.ts';
import { type LocalState, runningStack, type StateOptions } from '../state-file.ts';

export const k6Usage = `usage: npm run k6 -- <script> [options]
  <script>         a file of k6/, without its ending: orders, bursts, shedding
  --rate N         calls a second (the script has a default)
  --seconds N      how long
  --seed N         what is random in it, so that a run can be made again
  --port PORT      the local stack whose endpoint has this port (default: the first one)
  --stage sandbox  a deployed stage instead of the local one; then also:
  --api-url URL    where its API is
  --api-key KEY    of the tenant load
`;

export type K6Options = ReturnType<typeof readK6Options>;

/** @throws UsageError */
export function readK6Options(args: readonly string[]) {
  const { values, positionals } = parsed(args);
  const [script = '', ...more] = positionals;
  if (!/^[a-z][a-z0-9-]*$/.test(script) || more.length > 0)
    throw new UsageError('name one script of k6/');
  for (const name of ['rate', 'seconds', 'seed', 'port'] as const)
    if (!/^[1-9]\d{0,5}$/.test(values[name] ?? '1'))
      throw new UsageError(`--${name} must be a whole number from 1, got '${values[name]}'`);
  return { ...values, script };
}

function parsed(args: readonly string[]) {
  return readOptions({
    args: [...args],
    allowPositionals: true,
    options: {
      rate: { type: 'string' },
      seconds: { type: 'string' },
      seed: { type: 'string' },
      port: { type: 'string' },
      stage: { type: 'string', default: 'local' },
      'api-url': { type: 'string' },
      'api-key': { type: 'string' },
    },
  });
}

export interface K6Target {
  readonly stage: 'local' | 'sandbox';
  /** Of the local stack's endpoint, where it is not the first one. */
  readonly port?: string;
  readonly apiUrl: string;
  /** Of the tenant that load tests are for. */
  readonly apiKey: string;
  /** All that there are, by tenant. */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** In which k6 and the maker of tokens run. */
  readonly env: NodeJS.ProcessEnv;
}

type Aim = Pick<K6Options, 'stage' | 'port' | 'api-url' | 'api-key'>;

type Running = Pick<LocalState, 'apiUrl' | 'apiKeys' | 'endpoint'>;

/**
 * @throws UsageError, RangeError when the local stack is not on this machine after all, and
 * StackMissingError
 */
export function targetOf(
  { stage, port, 'api-url': apiUrl, 'api-key': apiKey }: Aim,
  running: (of: StateOptions) => Running = runningStack,
): K6Target {
  if (stage === 'sandbox') {
    if (!apiUrl || !URL.canParse(apiUrl) || !apiKey)
      throw new UsageError('--stage sandbox needs --api-url and --api-key');
    return {
      stage,
      apiUrl: apiUrl.replace(/\/+$/, ''),
      apiKey,
      apiKeys: { load: apiKey },
      env: process.env,
    };
  }
  if (stage !== 'local') throw new UsageError(`--stage must be local or sandbox, got '${stage}'`);
  if (apiUrl ?? apiKey)
    throw new UsageError('another API than the running local one needs --stage sandbox');
  const { endpoint, apiKeys, ...local } = running(port === undefined ? {} : { port: Number(port) });
  loopbackEndpoint(new URL(local.apiUrl).origin);
  const { load } = apiKeys;
  if (!load) throw new StackMissingError('the running stack has no tenant load: npm start');
  return {
    stage,
    apiUrl: local.apiUrl,
    apiKey: load,
    apiKeys,
    env: localAwsEnvironment(endpoint),
    ...(port !== undefined && { port }),
  };
}
