/** How a call ends that the function itself does not end: too late, crashed, or with nobody listening. */
import type { Answer } from '../lab/invoke.ts';
import type { Lab } from '../lab.ts';
import type { Probe } from '../probe.ts';

/** Long enough for a cold start on a busy machine. */
const timeoutMs = 2_000;

const badEnds = `
const environment = crypto.randomUUID();
const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));
export const handler = async ({ end, holdMs = 0 }) => {
  if (end === 'crash') {
    await note(environment);
    process.exit(1);
  }
  if (end === 'rejection') void Promise.reject(new Error('nobody waits for this'));
  await pause(holdMs);
  if (end === 'late') await note('went on');
  return environment;
};`;

/** A function that ends as its event says, once it has answered at all. */
async function endingBadly(lab: Lab) {
  const notebook = await lab.createNotebook();
  const { name } = await lab.deployFunction({
    code: badEnds,
    hint: 'bad-end',
    timeoutMs,
    notebook,
  });
  const call = (payload: { end?: string; holdMs?: number }) =>
    lab.invoke({ functionName: name, payload });
  await lab.must('the function answers', async () => (await call({})).error === undefined, {
    withinMs: 20_000,
  });
  return { notebook, call };
}

const errorType = ({ payload }: Answer): unknown =>
  (payload as { errorType?: unknown } | null)?.errorType;

const functionTimeout: Probe = async (lab) => {
  const { call, notebook } = await endingBadly(lab);
  const holdMs = 2 * timeoutMs;
  const startedAtMs = performance.now();
  const { error } = await call({ end: 'late', holdMs });
  const endedAfterMs = Math.round(performance.now() - startedAtMs);
  const wentOn = await lab.eventually(async () => (await notebook.read()).length > 0, {
    withinMs: holdMs + 500 - endedAfterMs,
  });
  return {
    does: error !== undefined && endedAfterMs < holdMs && !wentOn,
    saw: `${error === undefined ? 'answered' : 'failed'} after ${endedAfterMs} ms of ${holdMs}${wentOn ? ', and went on' : ''}`,
  };
};

const remainingTime: Probe = async (lab) => {
  const limitMs = 10_000;
  const { name } = await lab.deployFunction({
    code: `
export const handler = async (_event, context) => {
  const look = () => ({ atMs: performance.now(), leftMs: context.getRemainingTimeInMillis() });
  const first = look();
  await new Promise((resume) => setTimeout(resume, 500));
  return [first, look()];
};`,
    hint: 'remaining',
    timeoutMs: limitMs,
  });
  const { payload } = await lab.invoke({ functionName: name });
  const [first, second] = payload as { atMs: number; leftMs: number }[];
  if (!first || !second) throw new Error('the function did not say how much time it had left');
  const wentMs = second.atMs - first.atMs;
  const countedMs = first.leftMs - second.leftMs;
  return {
    does:
      first.leftMs > limitMs / 2 && first.leftMs <= limitMs && Math.abs(countedMs - wentMs) < 100,
    saw: `${Math.round(first.leftMs)} ms left of ${limitMs}, ${Math.round(countedMs)} fewer after ${Math.round(wentMs)}`,
  };
};

const functionCrash: Probe = async (lab) => {
  const { call, notebook } = await endingBadly(lab);
  const held = { holdMs: timeoutMs / 2 };
  const [beside, crashed] = await Promise.all([call(held), call({ end: 'crash' })]);
  // Two at once, so that the environment that crashed would have to take one of them.
  const next = await Promise.all([call(held), call(held)]);
  const [gone] = await notebook.read<string>();
  if (!gone) throw new Error('the environment that was to crash did not say which it is');
  const answered = next.filter(({ error }) => error === undefined);
  const again = answered.some(({ payload }) => payload === gone.value);
  return {
    does:
      crashed.error !== undefined &&
      beside.error === undefined &&
      answered.length === next.length &&
      !again,
    saw: [
      `the crash ${crashed.error ? 'failed' : 'answered'}`,
      `the call beside it ${beside.error ? 'failed too' : 'answered'}`,
      `${answered.length} of ${next.length} calls after it answered, ${again ? 'one' : 'none'} from its environment`,
    ].join(', '),
  };
};

const functionErrorType: Probe = async (lab) => {
  const { call } = await endingBadly(lab);
  const [crash, late] = await Promise.all([
    call({ end: 'crash' }),
    call({ end: 'late', holdMs: 2 * timeoutMs }),
  ]);
  const types = [errorType(crash), errorType(late)];
  return {
    does: types[0] === 'Runtime.ExitError' && types[1] === 'Sandbox.Timedout',
    saw: types.join(' and '),
  };
};

const unhandledRejection: Probe = async (lab) => {
  const { call } = await endingBadly(lab);
  const answer = await call({ end: 'rejection', holdMs: 300 });
  return {
    does: answer.error !== undefined,
    saw: answer.error === undefined ? 'answered' : `failed with ${errorType(answer)}`,
  };
};

export const faultProbes = {
  'function-timeout': functionTimeout,
  'remaining-time': remainingTime,
  'function-crash': functionCrash,
  'function-error-type': functionErrorType,
  'unhandled-rejection': unhandledRejection,
};
