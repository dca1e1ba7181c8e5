/**
 * What a load test is aimed at: the running local stack, unless somebody plainly names another one by
 * its URL, in `HOLDFAST_API_URL` or with `--stage sandbox --api-url`.
 */
import { localAwsEnvironment, loopbackEndpoint, useLocalAws } from '#ops/aws-guard.ts';
import { readOptions } from '#ops/command-line.ts';
import { StackMissingError } from '#ops/stack.ts';
import { UsageError } from '#ops/usage-error.ts';
import { type AskedStack, enterNamedStack } from '../ask-stack.ts';
import { type NamedStack, namedStack } from '../named-stack.ts';
import { type LocalState, runningStack, type StateOptions } from '../state-file.ts';

export const k6Usage = `usage: npm run k6 -- <script> [options]
  <script>         a file of k6/, without its ending: orders, bursts, shedding
  --rate N         calls a second (the script has a default)
  --seconds N      how long
  --seed N         what is random in it, so that a run can be made again
  --port PORT      the local stack whose endpoint has this port (default: the first one)
  --stage sandbox  a deployed stage instead of the local one; then also:
  --api-url URL    where its API is
  --api-key KEY    of the tenant load (default: its gateway is asked, with your credentials)
HOLDFAST_API_URL=URL in the environment names a stack as well, and says its stage itself.
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
      stage: { type: 'string' },
      'api-url': { type: 'string' },
      'api-key': { type: 'string' },
    },
  });
}

export interface K6Target {
  readonly stage: 'local' | 'sandbox';
  readonly apiUrl: string;
  /** Of the tenant that load tests are for. */
  readonly apiKey: string;
  /** All that there are, by tenant. */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** In which k6 runs. */
  readonly env: NodeJS.ProcessEnv;
}

type Aim = Pick<K6Options, 'stage' | 'port' | 'api-url' | 'api-key'>;

type Running = Pick<LocalState, 'apiUrl' | 'apiKeys' | 'endpoint'>;

export interface TargetOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly running?: (of: StateOptions) => Running;
  readonly enter?: (named: NamedStack) => Promise<AskedStack>;
}

/**
 * The environment of this process becomes the target's, for the maker of tokens.
 *
 * @throws UsageError, RangeError when the local stack is not on this machine after all, and
 * StackMissingError
 */
export async function targetOf(
  aim: Aim,
  { env = process.env, running = runningStack, enter = enterNamedStack }: TargetOptions = {},
): Promise<K6Target> {
  const named = namedBy(aim, env);
  return named ? theNamed(named, aim, enter) : theLocal(aim, running);
}

/** The stack beyond the running local one that was asked for, if one was. */
function namedBy(
  { stage, port, 'api-url': apiUrl, 'api-key': apiKey }: Aim,
  env: NodeJS.ProcessEnv,
): NamedStack | undefined {
  if (stage !== undefined && stage !== 'local' && stage !== 'sandbox')
    throw new UsageError(`--stage must be local or sandbox, got '${stage}'`);
  if (stage !== 'sandbox' && (apiUrl ?? apiKey) !== undefined)
    throw new UsageError('another API than the running local one needs --stage sandbox');
  const url = apiUrl ?? (stage === 'local' ? undefined : env['HOLDFAST_API_URL']);
  if (!url) {
    if (stage === 'sandbox') throw new UsageError('--stage sandbox needs --api-url');
    return undefined;
  }
  if (port !== undefined)
    throw new UsageError('--port is of a local stack; one is named by its URL');
  try {
    const named = namedStack({ ...env, HOLDFAST_API_URL: url });
    return named && apiKey !== undefined ? { ...named, apiKeys: { load: apiKey } } : named;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(
      apiUrl ? error.message.replace('HOLDFAST_API_URL', '--api-url') : error.message,
    );
  }
}

async function theNamed(
  named: NamedStack,
  { stage: wanted }: Aim,
  enter: NonNullable<TargetOptions['enter']>,
): Promise<K6Target> {
  const { stage, apiUrl, apiKeys } = await enter(named);
  if (wanted !== undefined && wanted !== stage)
    throw new UsageError(`--stage ${wanted} is not what is there: ${apiUrl} is stage ${stage}`);
  return { stage, apiUrl, apiKeys, apiKey: keyOfLoad(apiKeys), env: process.env };
}

function theLocal({ port }: Aim, running: (of: StateOptions) => Running): K6Target {
  const { endpoint, apiKeys, apiUrl } = running(port === undefined ? {} : { port: Number(port) });
  loopbackEndpoint(new URL(apiUrl).origin);
  const apiKey = keyOfLoad(apiKeys);
  useLocalAws(endpoint);
  return { stage: 'local', apiUrl, apiKey, apiKeys, env: localAwsEnvironment(endpoint) };
}

function keyOfLoad({ load }: Readonly<Record<string, string>>): string {
  if (load) return load;
  throw new StackMissingError('the stack has no tenant load: npm start, or npm run deploy');
}
