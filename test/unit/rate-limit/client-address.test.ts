import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientAddress } from '#shared/rate-limit/client-address.ts';

describe('the address of a client', () => {
  // biome-ignore format: a table
  it.each<[string, string]>([
    ['192.0.2.1',                               '192.0.2.1'],
    [' 192.0.2.1 ',                             '192.0.2.1'],
    ['::ffff:192.0.2.1',                        '192.0.2.1'],
    ['::FFFF:c000:0201',                        '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1',                '192.0.2.1'],
    ['2001:db8:0:1::',                          '2001:db8:0:1::/64'],
    ['2001:DB8:0:1:ffff:ffff:ffff:ffff',        '2001:db8:0:1::/64'],
    ['2001:0db8:0000:0001:0000:0000:0000:0001', '2001:db8:0:1::/64'],
    ['2001:db8:0:1::192.0.2.1',                 '2001:db8:0:1::/64'],
    ['2001:db8::1',                             '2001:db8::/64'],
    ['2001:db8:10::1',                          '2001:db8:10::/64'],
    ['2001:db8:0:10::1',                        '2001:db8:0:10::/64'],
    ['fe80::1%eth0',                            'fe80::/64'],
    ['::1',                                     '::/64'],
    ['::',                                      '::/64'],
  ])('%s is %s', (sourceIp, expected) => {
    expect(clientAddress(sourceIp)).toBe(expected);
  });

  it.each([
    undefined,
    '',
    'unknown',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '010.1.1.1',
    '192.0.2.1, 198.51.100.1',
    '192.0.2.1:443',
    '[2001:db8::1]',
    '2001:db8::1::2',
    '2001:db8:0:1:0:0:0:0:0',
    'x'.repeat(100_000),
  ])('%s is none', (sourceIp) => {
    expect(clientAddress(sourceIp)).toBeUndefined();
  });

  it('is one for all of a /64, and two for two, however they are written', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const prefix = fc.tuple(group, group, group, group);
    const rest = fc.tuple(group, group, group, group);
    const text = (groups: readonly number[], padded: boolean) =>
      groups
        .map((each) => each.toString(16).padStart(padded ? 4 : 1, '0'))
        .map((each) => (padded ? each.toUpperCase() : each))
        .join(':');
    fc.assert(
      fc.property(prefix, prefix, rest, rest, (here, there, one, other) => {
        const isMapped = (before: readonly number[], after: readonly number[]) =>
          before.every((each) => each === 0) && after[0] === 0 && after[1] === 0xffff;
        fc.pre(!isMapped(here, one) && !isMapped(here, other) && !isMapped(there, one));
        const mine = clientAddress(text([...here, ...one], false));
        expect(clientAddress(text([...here, ...other], true))).toBe(mine);
        expect(clientAddress(text([...there, ...one], false)) === mine).toBe(
          here.join() === there.join(),
        );
      }),
    );
  });
});
