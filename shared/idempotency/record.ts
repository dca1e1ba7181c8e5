/** The record of a request that was carried out: what it holds, and how an answer is kept in it. */
import type { Item, Value } from '../state/items.ts';
import { RecordFaultError } from './errors.ts';
import { canonical, sha256 } from './key.ts';

/**
 * The first answer as JSON text, so that a replay is the same to the letter; or its hash alone, in
 * which the order of members does not count, because a store does not keep it.
 */
export type Retained = { readonly answer: string } | { readonly answerHash: string };

export type UnitRecord = Retained & {
  readonly fingerprint: string;
  /** Names who wrote it: whoever lost the answer to the commit recognises its own. */
  readonly owner: string;
};

/** An answer above this is refused before the commit: DynamoDB bills each started KB. */
export const maxAnswerBytes = 32_768;

/** @throws RangeError for an answer too large to retain. */
export function toAnswerText(answer: Value): string {
  const text = JSON.stringify(answer);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxAnswerBytes)
    throw new RangeError(`an answer to retain has at most ${maxAnswerBytes} bytes, got ${bytes}`);
  return text;
}

export const hashOf = (answer: Value): string => sha256([canonical(answer)]);

/** @throws RecordFaultError for anything else than a record: it is never taken for an answer. */
export function parseRecord(item: Item): UnitRecord {
  const { fingerprint, owner, answer, answerHash } = item;
  if (typeof fingerprint === 'string' && typeof owner === 'string') {
    if (typeof answer === 'string') return { fingerprint, owner, answer };
    if (typeof answerHash === 'string') return { fingerprint, owner, answerHash };
  }
  throw new RecordFaultError('what stands at its address is no idempotency record');
}
