import { describe, expect, it } from 'vitest';
import {
  simulatedRelayTarget,
  takenJobAddress,
} from '#functions/simulated-relay-target/simulated-relay-target.ts';
import { noFaults, simulatedFaultsWrite } from '#shared/faults/fault-items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

const job = { key: 'event-1', jobId: 'job-1', channel: 'news', body: 'a private word' };

function target() {
  const store = memoryStore();
  return {
    store,
    ask: (request: unknown = job) => simulatedRelayTarget(request, { store, random: () => 0.5 }),
    fail: (faults: Partial<typeof noFaults>) =>
      store.write(simulatedFaultsWrite('state', 'relay-target', { ...noFaults, ...faults })),
    taken: () => store.read(takenJobAddress('event-1')),
  };
}

describe('the simulated target of the relay', () => {
  it('takes a job once under its key, counts how often it was asked, and keeps nothing of what it said', async () => {
    const { ask, store, taken } = target();
    expect([await ask(), await ask()]).toEqual([{ status: 202 }, { status: 202, repeated: true }]);
    expect(await taken()).toMatchObject({ channel: 'news', jobId: 'job-1', asked: 2 });
    expect(JSON.stringify(store.items('state'))).not.toContain(job.body);
  });

  it.each([
    [422, { ...job, jobId: 'job-2' }],
    [422, { ...job, channel: 'weather' }],
    [404, { ...job, channel: 'nobody' }],
    [400, { ...job, key: '' }],
    [400, null],
  ])('answers %i to %j', async (status, request) => {
    const { ask, taken } = target();
    await ask();
    expect(await ask(request)).toEqual({ status });
    expect(await taken()).toMatchObject({ asked: 1 });
  });

  it('is out of order where its faults say so, and takes nothing', async () => {
    const { ask, fail, taken } = target();
    await fail({ errorRatio: 1 });
    expect(await ask()).toEqual({ status: 503 });
    expect(await taken()).toBeUndefined();
  });
});
