import { describe, expect, it } from 'vitest';
import { followLogs } from '#ops/follow.ts';
import type { LogEvent } from '#ops/log-line.ts';
import { recordedLogs } from '../../support/recorded-logs.ts';

const event = (atMs: number, text: string, more: Partial<LogEvent> = {}): LogEvent => ({
  stream: 's',
  atMs,
  text,
  ...more,
});

interface Step {
  readonly arrive: Readonly<Record<string, readonly LogEvent[]>>;
}

/** Follows groups `a` and `b`; before each further look the next events arrive. */
async function follow(steps: readonly Step[], broken: (look: number) => boolean = () => false) {
  const all: Record<string, LogEvent[]> = { '/a': [], '/b': [] };
  const end = new AbortController();
  const seen: string[] = [];
  const faults: unknown[] = [];
  let next = 0;
  const arrive = () => {
    for (const [group, events] of Object.entries(steps[next]?.arrive ?? {}))
      all[group]?.push(...events);
    if (next >= steps.length) end.abort();
    next++;
  };
  arrive();
  const reader = recordedLogs(all);
  await followLogs({
    logs: {
      read: (range) =>
        range.group === '/b' && broken(next)
          ? Promise.reject(new Error('no connection'))
          : reader.read(range),
    },
    groups: { a: '/a', b: '/b' },
    sinceMs: 1_000,
    latenessMs: 100,
    signal: end.signal,
    onLine: ({ function: name, message }) => seen.push(`${name} ${message}`),
    onFault: (error) => faults.push(error),
    sleep: async () => arrive(),
  });
  return { seen, faults };
}

describe('following logs', () => {
  it('tells each line once, in the order of their times across functions', async () => {
    const { seen } = await follow([
      {
        arrive: {
          '/a': [event(1_005, 'two'), event(1_001, 'one')],
          '/b': [event(1_003, 'between')],
        },
      },
      { arrive: { '/a': [event(1_006, 'three')] } },
      { arrive: {} },
    ]);
    expect(seen).toEqual(['a one', 'b between', 'a two', 'a three']);
  });

  it('tells nothing from before its beginning', async () => {
    expect((await follow([{ arrive: { '/a': [event(999, 'old')] } }])).seen).toEqual([]);
  });

  it('tells equal lines of one instant as often as they were written', async () => {
    const { seen } = await follow([
      { arrive: { '/a': [event(1_001, 'same'), event(1_001, 'same')] } },
      { arrive: { '/a': [event(1_001, 'same')] } },
    ]);
    expect(seen).toEqual(['a same', 'a same', 'a same']);
  });

  it('knows lines by the ids of the engine where it has them', async () => {
    const { seen } = await follow([
      { arrive: { '/a': [event(1_001, 'same', { id: '1' })] } },
      { arrive: { '/a': [event(1_001, 'same', { id: '2' })] } },
    ]);
    expect(seen).toEqual(['a same', 'a same']);
  });

  it('tells a line that arrives late behind a newer one, within the lateness allowed', async () => {
    const { seen } = await follow([
      { arrive: { '/a': [event(2_000, 'new')] } },
      { arrive: { '/a': [event(1_900, 'late'), event(1_899, 'too late')] } },
    ]);
    expect(seen).toEqual(['a new', 'a late']);
  });

  it('reports a failed look, tells what the others saw, and loses nothing by it', async () => {
    const { seen, faults } = await follow(
      [{ arrive: { '/a': [event(1_001, 'one')], '/b': [event(1_002, 'two')] } }, { arrive: {} }],
      (look) => look === 1,
    );
    expect(seen).toEqual(['a one', 'b two']);
    expect(faults).toEqual([new Error('no connection')]);
  });

  it('throws what its reader throws when nobody takes it', async () => {
    const following = followLogs({
      logs: { read: () => Promise.reject(new Error('no connection')) },
      groups: { a: '/a' },
      onLine: () => {},
      signal: new AbortController().signal,
    });
    await expect(following).rejects.toThrow('no connection');
  });

  it('ends when told, without another look', async () => {
    let looks = 0;
    const read = async () => {
      looks++;
      return [];
    };
    await followLogs({
      logs: { read },
      groups: { a: '/a' },
      onLine: () => {},
      signal: AbortSignal.abort(),
    });
    expect(looks).toBe(0);
  });
});
