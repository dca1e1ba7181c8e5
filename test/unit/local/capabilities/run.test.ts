import { describe, expect, it } from 'vitest';
import type { RunningLab } from '#local/capabilities/lab.ts';
import type { Probe } from '#local/capabilities/probe.ts';
import { type Outcome, runProbes } from '#local/capabilities/run.ts';

const done = { does: true, saw: 'it' };
const noClean = async () => {};

/** A lab of which only the end is asked for. */
const labThat = (cleanUp: () => Promise<void>) => (): RunningLab => ({ cleanUp }) as RunningLab;

/** Probes that end when they are told, and a diary of their beginnings. */
function told(names: readonly string[]) {
  const begun: string[] = [];
  const ends = new Map(names.map((name) => [name, Promise.withResolvers<void>()]));
  const probes = Object.fromEntries(
    names.map((name): [string, Probe] => [
      name,
      async () => {
        begun.push(name);
        await ends.get(name)?.promise;
        return done;
      },
    ]),
  );
  return { begun, probes, end: (name: string) => ends.get(name)?.resolve() };
}

const outcomeOf = async (probe: Probe, cleanUp = noClean, deadlineMs = 1_000): Promise<Outcome> => {
  const outcomes = runProbes({
    ids: ['it'],
    probes: { it: probe },
    newLab: labThat(cleanUp),
    deadlineMs,
  });
  return (await outcomes.get('it')) ?? expect.fail('no outcome');
};

const faultOf = async (...args: Parameters<typeof outcomeOf>): Promise<unknown> => {
  const outcome = await outcomeOf(...args);
  return 'fault' in outcome ? outcome.fault : expect.fail(`found ${outcome.finding.saw}`);
};

describe('a run of probes', () => {
  it('begins so many as there are lanes, and the next when one has ended', async () => {
    const ids = ['a', 'b', 'c'];
    const { begun, probes, end } = told(ids);
    const outcomes = runProbes({ ids, probes, newLab: labThat(noClean), lanes: 2 });
    expect(begun).toEqual(['a', 'b']);
    end('b');
    await outcomes.get('b');
    await expect.poll(() => begun).toEqual(['a', 'b', 'c']);
  });

  it('begins those that wait for a minute at once, and keeps no lane for them', () => {
    const ids = ['a', 'slow', 'b'];
    const { begun, probes } = told(ids);
    runProbes({ ids, probes, newLab: labThat(noClean), lanes: 1, waiting: ['slow'] });
    expect(begun).toEqual(['slow', 'a']);
  });

  it('begins one that measures speed when every lane is empty, though others still wait', async () => {
    const ids = ['speed', 'a', 'slow', 'b'];
    const { begun, probes, end } = told(ids);
    const outcomes = runProbes({
      ids,
      probes,
      newLab: labThat(noClean),
      waiting: ['slow'],
      alone: ['speed'],
    });
    end('a');
    await outcomes.get('a');
    expect(begun).toEqual(['slow', 'a', 'b']);
    end('b');
    await outcomes.get('b');
    await expect.poll(() => begun).toEqual(['slow', 'a', 'b', 'speed']);
  });

  it.each([0, 1.5, -1])('refuses %s lanes', (lanes) => {
    expect(() => runProbes({ ids: [], probes: {}, newLab: labThat(noClean), lanes })).toThrow(
      RangeError,
    );
  });

  it.each([0, Number.NaN])('refuses a deadline of %s ms', (deadlineMs) => {
    expect(() => runProbes({ ids: [], probes: {}, newLab: labThat(noClean), deadlineMs })).toThrow(
      RangeError,
    );
  });
});

describe('a run of probes that is given up', () => {
  it('begins no other, and ends those that run, with its reason and their things gone', async () => {
    const ids = ['a', 'b', 'speed'];
    const { begun, probes } = told(ids);
    const givenUp = new AbortController();
    const reason = new Error('Ctrl-C');
    let cleaned = 0;
    const outcomes = runProbes({
      ids,
      probes,
      newLab: labThat(async () => void cleaned++),
      lanes: 1,
      alone: ['speed'],
      signal: givenUp.signal,
    });
    givenUp.abort(reason);
    for (const id of ids) expect(await outcomes.get(id)).toMatchObject({ fault: reason });
    expect(begun).toEqual(['a']);
    expect(cleaned).toBe(1);
  });

  it('begins none when that was before', async () => {
    const ids: readonly string[] = ['a', 'slow'];
    const { begun, probes } = told(ids);
    const outcomes = runProbes({
      ids,
      probes,
      newLab: () => expect.fail('a lab was made'),
      waiting: ['slow'],
      signal: AbortSignal.abort(new Error('Ctrl-C')),
    });
    expect(await outcomes.get('slow')).toMatchObject({ fault: new Error('Ctrl-C') });
    expect(begun).toEqual([]);
  });
});

describe('the outcome of a probe', () => {
  it('is its finding', async () => {
    expect(await outcomeOf(async () => done)).toMatchObject({ finding: done });
  });

  it.each<[string, Probe]>([
    ['rejects', () => Promise.reject(new Error('lost'))],
    [
      'throws before its first wait',
      () => {
        throw new Error('lost');
      },
    ],
  ])('is a fault when it %s, and its things are gone all the same', async (_, probe) => {
    let cleaned = 0;
    const fault = await faultOf(probe, async () => {
      cleaned++;
    });
    expect(fault).toEqual(new Error('lost'));
    expect(cleaned).toBe(1);
  });

  it('is a fault when its things cannot be cleaned up, whatever it found', async () => {
    const fault = await faultOf(
      async () => done,
      () => Promise.reject(new Error('left behind')),
    );
    expect(fault).toEqual(new Error('left behind'));
  });

  it('tells both faults, its own first', async () => {
    const fault = await faultOf(
      () => Promise.reject(new Error('lost')),
      () => Promise.reject(new Error('left behind')),
    );
    expect(fault).toMatchObject({
      message: 'Error: lost',
      errors: [new Error('lost'), new Error('left behind')],
    });
  });

  it('is a fault when it takes longer than it may', async () => {
    const fault = await faultOf(() => new Promise(() => {}), noClean, 5);
    expect(fault).toEqual(new Error('no answer within 5 ms'));
  });
});
