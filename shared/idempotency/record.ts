/** The idempotency record: its item, and the only code that knows what the item looks like. */
import { type Address, type Item, toTtl, type Value, type Write } from '../state/items.ts';

export interface UnitRecord {
  readonly fingerprint: string;
  /** Names the commit that wrote it: whoever lost the answer recognises its own write. */
  readonly owner: string;
  /** The first answer as JSON text, so that a replay is the same to the letter. */
  readonly answer: string;
  readonly expiresAtMs: number;
}

/** An answer above this is refused before the commit: DynamoDB bills each started KB. */
export const maxAnswerBytes = 32_768;

export const recordAddress = (table: string, key: string): Address => ({
  table,
  key: { pk: `idem#${key}` },
});

/** Written where no record is, or a lapsed one. */
export const recordWrite = (at: Address, record: UnitRecord, nowMs: number): Write => ({
  put: { ...record, ttl: toTtl(record.expiresAtMs) },
  at,
  when: { lapsedAtMs: nowMs },
});

/** Undefined for a record that has lapsed: the store may keep it for days. */
export function readRecord(item: Item | undefined, nowMs: number): UnitRecord | undefined {
  if (!item) return undefined;
  const { fingerprint, owner, answer, expiresAtMs } = item;
  if (
    typeof fingerprint !== 'string' ||
    typeof owner !== 'string' ||
    typeof answer !== 'string' ||
    typeof expiresAtMs !== 'number'
  )
    throw new TypeError('an idempotency record is not in its format');
  return expiresAtMs > nowMs ? { fingerprint, owner, answer, expiresAtMs } : undefined;
}

/** @throws RangeError for an answer too large to retain. */
export function toAnswerText(answer: Value): string {
  const text = JSON.stringify(answer);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxAnswerBytes)
    throw new RangeError(`an answer to retain has at most ${maxAnswerBytes} bytes, got ${bytes}`);
  return text;
}
