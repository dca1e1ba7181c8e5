import { describe, expect, it } from 'vitest';
import { Problem, toAnswer } from '#shared/http/problem.ts';

describe('a problem', () => {
  it('is problem details, with the request as its instance', () => {
    const problem = new Problem('item-unknown', {
      detail: 'Line 2 names no item.',
      extensions: { errors: [{ pointer: '/lines/1/itemId', detail: 'no such item' }] },
    });
    expect(toAnswer(problem, 'req-1')).toEqual({
      status: 422,
      headers: { 'content-type': 'application/problem+json' },
      body: {
        type: '/problems/item-unknown',
        title: 'The order names an item that does not exist',
        status: 422,
        detail: 'Line 2 names no item.',
        instance: 'req-1',
        errors: [{ pointer: '/lines/1/itemId', detail: 'no such item' }],
      },
    });
  });

  it.each([
    [0, '0'],
    [1, '1'],
    [1_000, '1'],
    [1_001, '2'],
    [-5, '0'],
    [Number.POSITIVE_INFINITY, undefined],
    [Number.NaN, undefined],
  ])('asks to wait %d ms in whole seconds, rounded up', (retryAfterMs, seconds) => {
    const { headers } = toAnswer(new Problem('dependency-unavailable', { retryAfterMs }), 'req-1');
    expect(headers?.['retry-after']).toBe(seconds);
  });

  it('keeps its own members from being overwritten, and its cause from being seen', () => {
    const problem = new Problem('forbidden', {
      cause: new Error('the reason'),
      extensions: { status: 200, type: '/else', instance: 'x', title: 'x' },
    });
    expect(toAnswer(problem, 'req-1').body).toEqual({
      type: '/problems/forbidden',
      title: 'The caller may not do this',
      status: 403,
      instance: 'req-1',
    });
  });
});
