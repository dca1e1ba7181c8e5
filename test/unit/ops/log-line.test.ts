import { describe, expect, it } from 'vitest';
import { readLine } from '#ops/log-line.ts';
import { emfLine, powertoolsLine } from '../../support/recorded-logs.ts';

const atMs = Date.parse('2026-11-21T11:40:05.019Z');
const read = (text: string) => readLine('create-order', { stream: 's', atMs, text });

describe('a line of a log', () => {
  it('is read from what the logger wrote, at the time that it says', () => {
    const text = powertoolsLine('create-order', atMs - 107, 'order accepted', {
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      correlation_id: 'r-1',
      route: 'create-order',
      cold_start: true,
    });
    expect(read(text)).toEqual({
      function: 'create-order',
      atMs: atMs - 107,
      level: 'info',
      message: 'order accepted',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      correlationId: 'r-1',
      fields: { route: 'create-order' },
    });
  });

  it.each([
    ['metrics', emfLine(atMs)],
    ['the beginning of an invocation', 'START RequestId: 1b79848b Version: $LATEST\n'],
    ['the end of an invocation', 'END RequestId: 1b79848b'],
    ['the bill of an invocation', 'REPORT RequestId: 1b79848b\tDuration: 152 ms'],
    ['the start of an environment', 'INIT_START Runtime Version: nodejs:24.v12'],
    ['what the platform says in JSON', '{"time":"2026-11-21T11:40:05Z","type":"platform.report"}'],
    ['a deprecation', '(node:20170) [DEP0169] DeprecationWarning: `url.parse()` behavior is not'],
    [
      'how to trace one',
      '(Use `node --trace-deprecation ...` to show where the warning was created)',
    ],
    ['a blank', ' \n'],
  ])('is not %s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each([
    ['a crash', 'Worker process died'],
    ['a timeout', '2026-11-21T11:40:05.019Z 1b79848b Task timed out after 2.00 seconds'],
    ['JSON of somebody else', '{"hello":"world"}'],
    ['JSON cut short', '{"level":"INFO","mess'],
    ['a list', '[1]'],
  ])('is raw for %s, at the time of the platform', (_, text) => {
    expect(read(text)).toEqual({
      function: 'create-order',
      atMs,
      level: 'raw',
      message: text,
      fields: {},
    });
  });

  it('has the time of the platform where its own cannot be read', () => {
    expect(read('{"level":"WARN","message":"m","timestamp":"noon"}')).toMatchObject({
      level: 'warn',
      atMs,
    });
  });
});
