import { describe, expect, it } from 'vitest';
import { comesAgainFrom, isIsolated, spoken } from '#local/capabilities/probes/streams-batches.ts';

const batches = (text: string) => text.split(' | ').map((names) => names.split(' '));

describe('the batches of a stream', () => {
  // biome-ignore format: a table, one scenario a row
  it.each([
    ['the next batch begins with the failed record', 'a x c | x c',   true],
    ['the batch comes again whole',                  'a x c | a x c', false],
    ['the failed record is passed over',             'a x c | c',     false],
    ['nothing comes again',                          'a x c',         false],
    ['a batch that it leads did not fail in part',   'x c | x c',     undefined],
    ['it never came',                                'a b | c',       undefined],
    ['other batches came before',                    'a | b x c | x', true],
  ])('%s', (_, text, answer) => {
    expect(comesAgainFrom('x', batches(text))).toBe(answer);
  });

  // biome-ignore format: a table, one scenario a row
  it.each([
    ['it was alone, and the others without it', 'a b x d | a b | x d | x | d', true],
    ['it was never alone',                      'a b x d | a b | x d | d',     false],
    ['another was only ever with it',           'a b x d | a b | x d | x',     false],
    ['the same batch came again and again',     'a b x d | a b x d',           false],
  ])('%s', (_, text, answer) => {
    expect(isIsolated('x', ['a', 'b', 'd'], batches(text))).toBe(answer);
  });

  it('are said in their order, and none is said too', () => {
    expect(spoken(batches('a b | b'))).toBe('a b, then b');
    expect(spoken([])).toBe('nothing');
  });
});
