/**
 * How much an engine bears, as a share of what this machine could: answers a second say more of the
 * machine than of the engine, and CPU time, unlike them, is the same however busy the machine is.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from '../lab/api.ts';
import type { Probe } from '../probe.ts';
import { expectStatus } from './calls.ts';

const callers = 16;
const forMs = 1_500;
const attempts = 3;
/** With fewer, a load test measures the engine and not what is deployed to it. */
const bareCallsAnAnswer = 25;

interface Flow {
  readonly perSecond: number;
  /** CPU time of this process for one call. */
  readonly cpuMs: number;
}

async function flowOf(url: string): Promise<Flow> {
  const [startedAtMs, startedCpu] = [performance.now(), process.cpuUsage()];
  const elapsedMs = () => performance.now() - startedAtMs;
  let answers = 0;
  const caller = async () => {
    while (elapsedMs() < forMs) {
      await expectStatus(200, url);
      answers++;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const { user, system } = process.cpuUsage(startedCpu);
  return {
    perSecond: (answers * 1_000) / elapsedMs(),
    cpuMs: (user + system) / 1_000 / answers,
  };
}

/** CPU time of a call and its answer, both in this process, at its least. */
async function bareCallCpuMs(): Promise<number> {
  const server = createServer((request, response) => {
    request.resume();
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    let leastMs = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < attempts; attempt++)
      leastMs = Math.min(leastMs, (await flowOf(`http://127.0.0.1:${port}/`)).cpuMs);
    return leastMs;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

export const load: Probe = async (lab) => {
  const behind = await lab.deployFunction({
    hint: 'trivial',
    code: `
export const handler = async () => {
  console.log('called');
  return { statusCode: 200, body: '' };
};`,
  });
  const api = await createApi(lab);
  await api.addMethod({ path: '/trivial', behind: { function: behind } });
  const url = `${await api.deploy()}/trivial`;
  await flowOf(url);
  const bareMs = await bareCallCpuMs();
  let best = 0;
  const bareCalls = () => 1_000 / (best * bareMs);
  for (let attempt = 0; attempt < attempts && !(bareCalls() <= bareCallsAnAnswer); attempt++)
    best = Math.max(best, (await flowOf(url)).perSecond);
  return {
    does: bareCalls() <= bareCallsAnAnswer,
    saw: `${callers} callers get ${Math.round(best)} answers a second, one in the time of ${Math.round(bareCalls())} bare HTTP calls`,
  };
};
