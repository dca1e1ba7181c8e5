/** The first answer of a request that was carried out before. */
import type { Value } from '../state/items.ts';
import type { UnitRequest } from './decision.ts';
import { KeyReusedError, RecordFaultError } from './errors.ts';
import { hashOf, type UnitRecord } from './record.ts';
import type { UnitReader } from './tracked-reads.ts';

/**
 * @throws KeyReusedError when the record is that of another request
 * @throws RecordFaultError when the first answer cannot be given back as it was
 */
export async function firstAnswer<A extends Value>(
  { fingerprint, rebuild }: Pick<UnitRequest, 'fingerprint' | 'rebuild'>,
  record: UnitRecord,
  reader: UnitReader,
): Promise<A> {
  if (record.fingerprint !== fingerprint)
    throw new KeyReusedError('the key was used for another request');
  if ('answer' in record) return JSON.parse(record.answer) as A;
  if (!rebuild) throw new RecordFaultError('the record holds no answer, and nothing rebuilds it');
  const answer = await rebuild(reader);
  if (hashOf(answer) !== record.answerHash)
    throw new RecordFaultError('what was rebuilt is not the first answer');
  return answer as A;
}
