import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, callsOf, maxCallBytes, maxMessagesPerCall } from '#shared/queue/calls.ts';

const message = (id: string, bytes: number) => ({ id, body: 'x'.repeat(bytes), attributes: {} });

describe('callsOf', () => {
  it('keeps every message, in its order, in calls that SQS takes', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: maxCallBytes }), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, (all) => {
        const messages = all.map((bytes, i) => message(String(i), bytes));
        const calls = callsOf(messages);
        expect(calls.flat()).toEqual(messages);
        for (const call of calls) {
          expect(call.length).toBeGreaterThan(0);
          expect(call.length).toBeLessThanOrEqual(maxMessagesPerCall);
          expect(call.reduce((sum, each) => sum + bytesOf(each), 0)).toBeLessThanOrEqual(
            maxCallBytes,
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  it('begins a new call only when one is full', () => {
    expect(callsOf(Array.from({ length: 11 }, (_, i) => message(`${i}`, 1)))).toMatchObject([
      { length: 10 },
      { length: 1 },
    ]);
    const half = maxCallBytes / 2;
    expect(callsOf([message('a', half), message('b', half), message('c', 1)])).toMatchObject([
      { length: 2 },
      { length: 1 },
    ]);
  });
});

describe('bytesOf', () => {
  it('counts bytes, not characters, and the attributes with their names and types', () => {
    expect(bytesOf({ id: 'a', body: 'ä', attributes: {} })).toBe(2);
    expect(bytesOf({ id: 'a', body: 'x', attributes: { cause: 'ü' } })).toBe(1 + 5 + 6 + 2);
  });
});
