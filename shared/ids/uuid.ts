/**
 * UUIDs of RFC 9562.
 *
 * Version 7: 48 bits of Unix time in milliseconds, then random bits, so that ids sort by the time
 * they were made (§5.7). Version 8: of a name, so that the same name has the same id (§5.8, B.2).
 *
 * Made here because `crypto.randomUUIDv7` takes no clock and came with Node 24.16, which a managed
 * runtime of that major version need not have.
 */
import { createHash, randomBytes } from 'node:crypto';

export interface UuidOptions {
  readonly now?: () => number;
  /** As many random bytes as asked for. */
  readonly bytes?: (count: number) => Uint8Array;
}

export function uuidV7({ now = Date.now, bytes = randomBytes }: UuidOptions = {}): string {
  const random = Buffer.from(bytes(10));
  random[0] = 0x70 | (random.readUInt8(0) & 0x0f);
  random[2] = 0x80 | (random.readUInt8(2) & 0x3f);
  return dashed(now().toString(16).padStart(12, '0') + random.toString('hex'));
}

/** 122 bits of the name's SHA-256. Whoever knows the name knows the id: it is no secret. */
export function uuidV8Of(name: string): string {
  const hash = createHash('sha256').update(name).digest().subarray(0, 16);
  hash[6] = 0x80 | (hash.readUInt8(6) & 0x0f);
  hash[8] = 0x80 | (hash.readUInt8(8) & 0x3f);
  return dashed(hash.toString('hex'));
}

const dashed = (hex: string): string =>
  hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const isUuidV7 = (text: string): boolean => pattern.test(text);

/** When the id was made. @throws RangeError for anything that is not a version 7 UUID. */
export function uuidTimeMs(id: string): number {
  if (!isUuidV7(id)) throw new RangeError(`not a version 7 UUID: '${id}'`);
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
