import { describe, expect, it } from 'vitest';
import { functions } from '#functions/tables/functions.ts';
import { formatLogLine, formatStory } from '#ops/format.ts';
import type { Line } from '#ops/log-line.ts';
import { longestRunMs, readLines, readStory, toStory, tracesOfRequest } from '#ops/story.ts';
import { emfLine, invocation, powertoolsLine, recordedLogs } from '../../support/recorded-logs.ts';

const startMs = Date.parse('2026-11-21T11:40:04.912Z');
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const ofTrace = { trace_id: traceId, correlation_id: 'request-1' };
const ofAnother = { trace_id: 'a'.repeat(32), correlation_id: 'request-2' };

const groups = { 'create-order': '/api', 'outbox-relay': '/relay', 'order-process': '/worker' };

/** An order whose worker died after its effect, and another order at the same time. */
const logs = recordedLogs({
  '/api': [
    ...invocation('i-1', startMs + 30, [
      powertoolsLine('create-order', startMs, 'order accepted', { ...ofTrace, order_id: 'o-1' }),
      emfLine(startMs),
      powertoolsLine('create-order', startMs + 20, 'POST /orders 201', { ...ofTrace, status: 201 }),
    ]),
    ...invocation('i-2', startMs + 40, [
      powertoolsLine('create-order', startMs + 10, 'order accepted', ofAnother),
      'a warning of Node in the other order',
    ]),
  ],
  '/relay': invocation('i-3', startMs + 60, [
    powertoolsLine('outbox-relay', startMs + 45, 'outbox relayed', {
      ...ofTrace,
      resilience: { pattern: 'outbox', happened: 'relayed', subject: 'order:process' },
    }),
    powertoolsLine('outbox-relay', startMs + 46, 'outbox relayed', ofAnother),
  ]),
  '/worker': [
    ...invocation('i-4', startMs + 90, [
      powertoolsLine('order-process', startMs + 80, 'order confirmed', ofTrace),
      'Worker process died',
    ]),
    ...invocation('i-5', startMs + 2_100, [
      powertoolsLine('order-process', startMs + 2_095, 'worker duplicate', ofTrace),
    ]),
  ],
});

const where = { logs, groups, sinceMs: startMs - 1_000 };

describe('the story of a trace', () => {
  it('has its lines from every function, oldest first, and none of another trace', async () => {
    const story = await readStory({ ...where, traceId });
    expect(story.functions).toEqual(['create-order', 'outbox-relay', 'order-process']);
    expect(story.lines.map(({ message }) => message)).toEqual([
      'order accepted',
      'POST /orders 201',
      'outbox relayed',
      'order confirmed',
      'Worker process died',
      'worker duplicate',
    ]);
    expect(story.elapsedMs).toBe(2_095);
  });

  it('tells a crash in an invocation that worked for it, though the line names no trace', async () => {
    const { lines } = await readStory({ ...where, traceId });
    expect(lines).toContainEqual(
      expect.objectContaining({
        function: 'order-process',
        level: 'raw',
        message: 'Worker process died',
      }),
    );
  });

  it('leaves out what another invocation of the same environment said', async () => {
    const oneStream = recordedLogs({
      '/api': [
        ...invocation(
          'i-1',
          startMs,
          [powertoolsLine('create-order', startMs, 'mine', ofTrace)],
          's',
        ),
        ...invocation('i-2', startMs + 5, ['of somebody else'], 's'),
      ],
    });
    const { lines } = await readStory({ ...where, logs: oneStream, traceId });
    expect(lines.map(({ message }) => message)).toEqual(['mine']);
  });

  it('is empty for a trace that nobody spoke of', async () => {
    const story = await readStory({ ...where, traceId: 'b'.repeat(32) });
    expect(story).toMatchObject({ lines: [], functions: [], elapsedMs: 0 });
    expect(formatStory(story)).toBe(`Nothing is known of trace ${'b'.repeat(32)}.`);
  });

  it('fails with its reader: a store that cannot be read is not an empty one', async () => {
    const broken = { read: () => Promise.reject(new Error('no connection')) };
    await expect(readStory({ ...where, logs: broken, traceId })).rejects.toThrow('no connection');
  });

  it('looks further around a line than any function may run', () => {
    const longest = Math.max(...Object.values(functions).map(({ timeoutMs }) => timeoutMs));
    expect(longestRunMs).toBeGreaterThan(longest);
  });

  it('reads as a timeline', async () => {
    expect(formatStory(await readStory({ ...where, traceId })).split('\n')).toEqual([
      `Trace ${traceId} · 2026-11-21T11:40:04.912Z · 3 functions · 2095 ms`,
      '   +0 ms  create-order    order accepted order_id=o-1',
      '  +20 ms                  POST /orders 201 status=201',
      '  +45 ms  outbox-relay    outbox relayed subject=order:process',
      '  +80 ms  order-process   order confirmed',
      '  +90 ms                | Worker process died',
      '+2095 ms                  worker duplicate',
    ]);
  });
});

describe('a field of a story', () => {
  it('is told where it is not as it was told last', () => {
    const line = (message: string, fields: Record<string, unknown>): Line => ({
      function: 'order-process',
      atMs: startMs,
      level: 'info',
      message,
      fields,
    });
    const lines = [
      line('one', { queue: 'order:process', attempt: 1 }),
      line('two', { queue: 'order:process', attempt: 2 }),
      line('three', { queue: 'email:send', attempt: 2 }),
    ];
    expect(formatStory(toStory(traceId, lines)).split('\n').slice(1)).toEqual([
      '+0 ms  order-process   one queue=order:process attempt=1',
      '+0 ms                  two attempt=2',
      '+0 ms                  three queue=email:send',
    ]);
  });
});

describe('a request', () => {
  it('is found by its id in its trace', async () => {
    expect(await tracesOfRequest({ ...where, requestId: 'request-2' })).toEqual(['a'.repeat(32)]);
  });

  it('has no trace when its id is only a part of others', async () => {
    expect(await tracesOfRequest({ ...where, requestId: 'request' })).toEqual([]);
  });
});

describe('the log', () => {
  it('is everything since then, of all functions in one order', async () => {
    const lines = await readLines({ ...where, sinceMs: startMs + 60 });
    expect(lines.map(({ message }) => message)).toEqual([
      'outbox relayed',
      'outbox relayed',
      'order confirmed',
      'Worker process died',
      'worker duplicate',
    ]);
  });

  it('shows errors by name and message, quotes what has blanks, and ends with the trace', () => {
    const line = formatLogLine({
      function: 'email-send',
      atMs: startMs,
      level: 'error',
      message: 'internal',
      traceId,
      fields: {
        error: {
          name: 'ContentionError',
          message: 'gave up',
          stack: 'ContentionError: gave up\n at x',
        },
        ids: ['a', 'b'],
        nothing: null,
      },
    });
    expect(line.slice('11:40:04'.length)).toBe(
      `.912  email-send             ✗ internal error="ContentionError: gave up" ids=a,b trace=${traceId}`,
    );
  });
});
