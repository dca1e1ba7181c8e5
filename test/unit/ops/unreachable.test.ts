import { describe, expect, it } from 'vitest';
import { whyUnreachable } from '#ops/unreachable.ts';

const named = (name: string, message = '') => Object.assign(new Error(message), { name });

describe('a stage that cannot be worked on', () => {
  it.each([
    ['nobody listens', Object.assign(new Error(), { code: 'ECONNREFUSED' }), 'npm start'],
    ['there is no such table', named('ResourceNotFoundException'), 'deploy'],
    ['there are no credentials', named('CredentialsProviderError'), 'AWS_PROFILE'],
    ['they have expired', named('ExpiredTokenException'), 'AWS_PROFILE'],
    ['no region is named', new Error('Region is missing'), 'AWS_REGION'],
  ])('is answered with what to do when %s', (_, error, remedy) => {
    expect(whyUnreachable(error)).toContain(remedy);
  });

  it.each([new TypeError('x is not a function'), 'text', undefined])(
    'is not what any other error says: %s',
    (error) => {
      expect(whyUnreachable(error)).toBeUndefined();
    },
  );
});
