import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIfMatch, staleVersion, toEtag } from '#shared/http/if-match.ts';
import { toAnswer } from '#shared/http/problem.ts';
import { edge, validEvent } from './edge.ts';

describe('If-Match', () => {
  it('names the version of the ETag it repeats', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (version) => {
        expect(readIfMatch(` ${toEtag(version)}\t`)).toEqual({ version });
      }),
    ));

  // biome-ignore format: a table, one field a row
  it.each([
    ['W/"3"',               'is a weak tag, and If-Match compares strongly'],
    ['*',                   'is *, which names no version: whatever stands would be lost'],
    ['"3", "4"',            'names several tags, where one was read'],
    ['"3","3"',             'names several tags, where one was read'],
    ['W/"3", "4"',          'names several tags, where one was read'],
    ['3',                   'is not one quoted tag'],
    ['',                    'is not one quoted tag'],
    ['"3',                  'is not one quoted tag'],
    ['"3" "4"',             'is not one quoted tag'],
    ['"3" or "4"',          'is not one quoted tag'],
    ['*, "3"',              'is not one quoted tag'],
    ['w/"3"',               'is not one quoted tag'],
    ['"a b"',               'is not one quoted tag'],
    ['""',                  'is no tag of this service'],
    ['"0"',                 'is no tag of this service'],
    ['"03"',                'is no tag of this service'],
    ['"-3"',                'is no tag of this service'],
    ['"3.0"',               'is no tag of this service'],
    ['"1e1"',               'is no tag of this service'],
    ['"9007199254740992"',  'is no tag of this service'],
    ['"99999999999999999"', 'is no tag of this service'],
    ['"abc"',               'is no tag of this service'],
    ['"3,4"',               'is no tag of this service'],
  ])('%j is refused: it %s', (field, reason) => {
    expect(readIfMatch(field)).toEqual({ invalid: reason });
  });

  it('takes no text for a version that is not the ETag of one', () =>
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (field) => {
        const read = readIfMatch(field);
        if ('version' in read) expect(field.trim()).toBe(toEtag(read.version));
      }),
    ));
});

describe('a route that needs If-Match', () => {
  const patch = (headers: Readonly<Record<string, string>>, ifMatch = true) => {
    const { send, calls } = edge({ ifMatch });
    return { calls, answer: validEvent({ headers }).then(send) };
  };

  it('asks for it with 428', async () => {
    const { answer, calls } = patch({});
    expect(await answer).toMatchObject({
      status: 428,
      body: { type: '/problems/precondition-required', detail: expect.stringContaining('ETag') },
    });
    expect(calls).toEqual([]);
  });

  it('refuses a tag it cannot compare with 400 and the reason', async () => {
    const { answer, calls } = patch({ 'If-Match': 'W/"3"' });
    expect(await answer).toMatchObject({
      status: 400,
      body: {
        type: '/problems/if-match-invalid',
        detail: 'The field is a weak tag, and If-Match compares strongly.',
      },
    });
    expect(calls).toEqual([]);
  });

  it('refuses the header given twice', async () => {
    const { send } = edge({ ifMatch: true });
    const { headers, ...event } = await validEvent();
    const many = Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, text]) => [name, [String(text)]]),
    );
    const twice = { ...event, multiValueHeaders: { ...many, 'if-match': ['"3"', '"3"'] } };
    expect((await send(twice)).body.type).toBe('/problems/if-match-invalid');
  });

  it('knows the version', async () => {
    const { answer, calls } = patch({ 'if-match': '"3"' });
    expect((await answer).status).toBe(201);
    expect(calls[0]?.ifMatch).toBe(3);
  });

  it('asks for it before it asks for a key, which a refusal must not use up', async () => {
    const { send } = edge({ ifMatch: true });
    const without = await validEvent({ headers: { 'idempotency-key': undefined } });
    expect((await send(without)).status).toBe(428);
  });

  it('alone looks at it', async () => {
    const { answer, calls } = patch({ 'if-match': '*' }, false);
    expect((await answer).status).toBe(201);
    expect(calls[0]?.ifMatch).toBeUndefined();
  });
});

it('a stale version is answered with the one that stands', () => {
  expect(toAnswer(staleVersion(4), 'req-1')).toMatchObject({
    status: 409,
    headers: { etag: '"4"' },
    body: { type: '/problems/stale-version', currentVersion: 4 },
  });
});
