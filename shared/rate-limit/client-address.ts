/**
 * Which addresses are one caller. An IPv4 address is; of IPv6 a /64 is, because it is what one
 * subscriber gets, and every address of it is free to whoever has it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5952 (text of IPv6 addresses)
 * @see https://www.rfc-editor.org/rfc/rfc6177 (what end sites are given)
 */
import { isIPv4, isIPv6 } from 'node:net';

/**
 * The same text for all addresses of one caller: `192.0.2.1`, `2001:db8:0:1::/64`. Give it the
 * address that the gateway saw, and nothing that a caller says. Undefined: it is no address.
 */
export function clientAddress(sourceIp: string | undefined): string | undefined {
  const [address = ''] = (sourceIp ?? '').trim().split('%');
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const groups = groupsOf(address);
  return isMappedIPv4(groups) ? toIPv4(groups) : `${canonical(groups.slice(0, 4))}/64`;
}

/** The eight groups of an address. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = withoutDots(address).split('::');
  const before = numbersOf(head);
  const after = numbersOf(tail ?? '');
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const numbersOf = (text: string): readonly number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

/** `::ffff:192.0.2.1` ends in what four bytes are in decimal. */
const withoutDots = (address: string): string =>
  address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: readonly string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return [a * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(':');
  });

const isMappedIPv4 = (groups: readonly number[]): boolean =>
  groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;

const toIPv4 = (groups: readonly number[]): string =>
  groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join('.');

/** Of a prefix: its groups in lower case without leading zeros, and `::` for those that follow. */
const canonical = (groups: readonly number[]): string =>
  `${groups
    .map((group) => group.toString(16))
    .join(':')
    .replace(/(:?\b0)+$/, '')}::`;
