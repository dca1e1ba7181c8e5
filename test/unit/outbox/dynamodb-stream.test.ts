import { describe, expect, it } from 'vitest';
import { readInserts } from '#shared/outbox/dynamodb-stream.ts';

const NewImage = { pk: { S: '1#1' }, seq: { N: '2' }, data: { M: { orderId: { S: 'o1' } } } };

describe('readInserts', () => {
  it('reads the item of a new record', () => {
    const record = { eventName: 'INSERT', dynamodb: { SequenceNumber: '17', NewImage } };
    expect(readInserts([record])).toEqual([
      { sequenceNumber: '17', item: { pk: '1#1', seq: 2, data: { orderId: 'o1' } } },
    ]);
  });

  it.each([
    ['a change', { eventName: 'MODIFY', dynamodb: { SequenceNumber: '17', NewImage } }],
    ['a deletion', { eventName: 'REMOVE', dynamodb: { SequenceNumber: '17' } }],
    [
      'a deletion by TTL',
      {
        eventName: 'REMOVE',
        dynamodb: { SequenceNumber: '17' },
        userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
      },
    ],
    ['nothing', {}],
  ])('leaves out %s', (_, record) => {
    expect(readInserts([record])).toEqual([]);
  });
});
