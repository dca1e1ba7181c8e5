/** `npm start`: the whole service on this machine, one order through all of it, then its log until Ctrl-C. */
import { parseArgs } from 'node:util';
import { bearerToken } from '#ops/bearer-token.ts';
import { followLogs } from '#ops/follow.ts';
import { formatLogLine } from '#ops/format.ts';
import { logsOf } from '#ops/log-reader.ts';
import { noRoomLeft } from '../bootstrap/room.mjs';
import { CdkError } from '../cdk.ts';
import { drainLocalStack, LeftBehindError } from '../drain.ts';
import { defaultEngine, type EngineName, engineNames, toEngineName } from '../engines/names.ts';
import { EngineError } from '../engines/supervised.ts';
import { FirstOrderError, firstCustomer, placeFirstOrder } from '../first-order.ts';
import { endOnSignal } from '../interrupt.ts';
import { progress, type Steps } from '../progress.ts';
import { NotSettledError } from '../settle/settle.ts';
import { causeOf, EngineDiedError, localStore, type Stack, startStack } from '../stack.ts';
import { removeState, writeState } from '../state-file.ts';
import { formatHops, welcome } from '../welcome.ts';

const usage = `usage: npm start [-- options]
  --engine NAME   what stands in for AWS: ${engineNames.join(', ')}. Without it: ${defaultEngine}
  --quiet         without the log of the functions
`;

const tokenLifeMs = 3_600_000;

/** Every function on its way starts cold, and on LocalStack looks for work only now and then. */
const orderWithinMs = 30_000;

interface Options {
  readonly engine: EngineName;
  readonly quiet: boolean;
}

/** @returns undefined when it is used wrongly, which has been said then. */
function readOptions(args: readonly string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        engine: { type: 'string', default: defaultEngine },
        quiet: { type: 'boolean', default: false },
      },
    });
    return { engine: toEngineName(values.engine), quiet: values.quiet };
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return undefined;
  }
}

interface Running {
  readonly stack: Stack;
  readonly steps: Steps;
  /** Somebody asks for the end. */
  readonly asked: AbortSignal;
}

/** Shows that it works, says where it is, and stays. @returns the exit code. */
async function run({
  stack,
  steps,
  asked,
  quiet,
}: Running & Pick<Options, 'quiet'>): Promise<number> {
  const died = new AbortController();
  void stack.died.then(({ tail }) => died.abort(new EngineDiedError(stack.logFile, tail)));
  const logs = logsOf('local');
  const startedAtMs = Date.now();

  const token = await bearerToken('local', firstCustomer, tokenLifeMs);
  const order = await steps.run('First order', async (note) => {
    const placed = await placeFirstOrder({
      ...logs,
      apiUrl: stack.apiUrl,
      apiKey: stack.apiKeys[firstCustomer.tenant] ?? '',
      token,
      store: localStore(),
      withinMs: orderWithinMs,
      signal: AbortSignal.any([asked, died.signal]),
    });
    note(`confirmed and mailed, ${(performance.now() / 1000).toFixed(1)} s after the start`);
    return placed;
  });

  const stateFile = writeState(stack);
  process.once('exit', () => removeState(stateFile));
  const port = new URL(stack.endpoint).port;
  console.log(`\n${formatHops(order)}`);
  console.log(
    welcome({
      state: stack,
      stateFile,
      order,
      token,
      ...(stateFile.endsWith(`${port}.json`) && { port }),
    }),
  );
  console.log(quiet ? 'Ctrl-C ends it.' : 'The log of all functions follows; Ctrl-C ends it.\n');

  const unwatched = new AbortController();
  const following = quiet
    ? Promise.resolve()
    : followLogs({
        ...logs,
        sinceMs: startedAtMs,
        onLine: (line) => steps.line(formatLogLine(line)),
        signal: unwatched.signal,
        onFault: () => {}, // The next look tells more, and a dead engine is told of by itself.
      });
  try {
    await aborted(AbortSignal.any([asked, died.signal]));
    died.signal.throwIfAborted();
    removeState(stateFile);
    await drainLocalStack(stack.apiId, steps);
    return 0;
  } finally {
    unwatched.abort();
    await following;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Errors whose message says it all. */
const plain = [
  CdkError,
  EngineDiedError,
  EngineError,
  FirstOrderError,
  LeftBehindError,
  NotSettledError,
];

/** @returns the exit code. */
function explain(thrown: unknown): number {
  const error = noRoomLeft(thrown) ?? thrown;
  const exitCode = error instanceof Error && 'exitCode' in error ? Number(error.exitCode) : 1;
  const isPlain = exitCode !== 1 || plain.some((kind) => error instanceof kind);
  console.error(isPlain ? `\n${(error as Error).message}` : error);
  return exitCode;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (!options) return 2;
  const steps = progress({ stream: process.stdout });
  const asked = endOnSignal();
  let stack: Stack | undefined;
  try {
    stack = await startStack({ engine: options.engine, steps, signal: asked });
    return await run({ stack, steps, asked, quiet: options.quiet });
  } catch (error) {
    return explain(stack && !asked.aborted ? await causeOf(error, stack) : error);
  } finally {
    if (stack) await steps.run('Stop', stack.stop);
  }
}

process.exitCode = await main(process.argv.slice(2));
