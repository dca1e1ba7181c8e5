import { describe, expect, it } from 'vitest';
import {
  noFaults,
  readSimulatedFaults,
  simulatedFaultsAddress,
  simulatedFaultsWrite,
} from '#shared/faults/fault-items.ts';
import { ConnectionResetError, misbehaving } from '#shared/faults/misbehave.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

function dependency(faults: Partial<typeof noFaults>, random = 0.5) {
  const done: string[] = [];
  const answer = misbehaving(
    async () => {
      done.push('worked');
      return 'well';
    },
    {
      faults: { ...noFaults, ...faults },
      unavailable: 'out of order',
      random: () => random,
      sleep: async (ms) => {
        done.push(`waited ${ms}`);
      },
      hang: () => Promise.reject(new Error('hung')),
    },
  );
  return { done, answer };
}

describe('a simulated dependency', () => {
  it('works while nothing is switched on', async () => {
    const { answer, done } = dependency({});
    expect([await answer, done]).toEqual(['well', ['worked']]);
  });

  it.each([
    [0, 0, 'well'],
    [0.5, 0.5, 'well'],
    [0.5, 0.49, 'out of order'],
    [1, 0.999, 'out of order'],
  ])('with an error ratio of %f and luck of %f answers %s', async (errorRatio, luck, said) => {
    const { answer, done } = dependency({ errorRatio }, luck);
    expect(await answer).toBe(said);
    expect(done).toEqual(said === 'well' ? ['worked'] : []);
  });

  it('waits before it does anything', async () => {
    const { answer, done } = dependency({ latencyMs: 250 });
    await answer;
    expect(done).toEqual(['waited 250', 'worked']);
  });

  it('hangs without having done anything', async () => {
    const { answer, done } = dependency({ hang: true });
    await expect(answer).rejects.toThrow('hung');
    expect(done).toEqual([]);
  });

  it('does its work and then breaks the connection', async () => {
    const { answer, done } = dependency({ reset: true });
    await expect(answer).rejects.toThrow(ConnectionResetError);
    expect(done).toEqual(['worked']);
  });
});

describe('its switches', () => {
  it('are read as they were written, and are all off where there are none', async () => {
    const store = memoryStore();
    const at = simulatedFaultsAddress('state', 'email');
    expect(readSimulatedFaults(await store.read(at))).toEqual(noFaults);
    const faults = { errorRatio: 0.25, latencyMs: 10, hang: false, reset: true };
    await store.write(simulatedFaultsWrite('state', 'email', faults));
    expect(readSimulatedFaults(await store.read(at))).toEqual(faults);
  });
});
