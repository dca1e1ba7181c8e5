/**
 * The Node side of one execution environment: loads the function, then answers one call at a time.
 * Its one argument is the descriptor of the socket that calls come through.
 *
 * It says { ready } or { error } once, and { id, result } or { id, error } for each call; `exit`
 * beside an error means that it ends now, with that status.
 */
import { openChannel } from './channel.mjs';
import { replaceConsole } from './console.mjs';
import { describe, describeInit, named, unhandled } from './errors.mjs';
import { loadHandler } from './handler.mjs';

/** Statuses that the managed runtime ends with. */
const status = { uncaught: 129, unhandled: 128, init: 1 };

const { env } = process;
const [fd = ''] = process.argv.splice(2);
const json = env.AWS_LAMBDA_LOG_FORMAT === 'JSON';

/** @typedef {{ id: string, arn: string, trace: string, event: string, deadlineMs: number, maxAnswerBytes: number }} Call */
/** @type {Call | undefined} */
let current;

replaceConsole({
  json,
  level: env.AWS_LAMBDA_LOG_LEVEL ?? 'INFO',
  requestId: () => current?.id,
});

/** @type {Awaited<ReturnType<typeof loadHandler>> | undefined} */
let handler;
const { send } = openChannel(Number(fd), (/** @type {Call} */ call) => void answer(call));

process.on('uncaughtException', (error) => void crash(error, status.uncaught));
process.on('unhandledRejection', (reason) => void crash(unhandled(reason), status.unhandled));

try {
  handler = await loadHandler(env._HANDLER ?? '', env.LAMBDA_TASK_ROOT ?? '');
  await send({ ready: true });
} catch (error) {
  const described = describeInit(error);
  logError('Init Error', described);
  await send({ error: described });
  process.exit(status.init);
}

/** @param {Call} call */
async function answer(call) {
  current = call;
  env._X_AMZN_TRACE_ID = call.trace;
  const outcome = await outcomeOf(call);
  // It has ended already, with an error that nobody caught.
  if (current !== call) return;
  current = undefined;
  await send({ id: call.id, ...outcome });
}

/** @param {Call} call */
async function outcomeOf(call) {
  try {
    const returned = await handler?.(JSON.parse(call.event), contextOf(call));
    const result = JSON.stringify(returned) ?? 'null';
    if (Buffer.byteLength(result) > call.maxAnswerBytes)
      throw named(
        'Function.ResponseSizeTooLarge',
        `Response payload size exceeded maximum allowed payload size (${call.maxAnswerBytes} bytes).`,
      );
    return { result };
  } catch (error) {
    const described = describe(error);
    if (current === call) logError('Invoke Error', described);
    return { error: described };
  }
}

/** @param {Call} call */
const contextOf = (call) => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
  memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  invokedFunctionArn: call.arn,
  awsRequestId: call.id,
  getRemainingTimeInMillis: () => call.deadlineMs - Date.now(),
});

/**
 * @param {unknown} error
 * @param {number} exit
 */
async function crash(error, exit) {
  const described = describe(error);
  logError('Uncaught Exception', described);
  const id = current?.id;
  current = undefined;
  await send(id === undefined ? { error: described } : { id, error: described, exit });
  process.exit(exit);
}

/**
 * @param {string} what
 * @param {ReturnType<typeof describe>} described
 */
function logError(what, described) {
  console.error(what, json ? described : JSON.stringify(described));
}
