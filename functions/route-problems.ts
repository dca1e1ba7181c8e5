/** Every problem that a route's callers can meet: those of its contract, and those of its kind. */
import { needsIdempotencyKey } from '#shared/http/idempotency-key.ts';
import type { ProblemSlug } from '#shared/http/problem-types.ts';
import type { RouteContract } from './contract.ts';
import type { RouteRow } from './tables/routes.ts';

interface Kind {
  readonly is: (row: RouteRow, contract: RouteContract) => boolean;
  readonly meets: readonly ProblemSlug[];
}

const kinds: readonly Kind[] = [
  {
    is: () => true,
    meets: [
      'invalid-request',
      'headers-too-large',
      'body-too-large',
      'rate-limited',
      'internal',
      'deadline-exceeded',
      'gateway-timeout',
    ],
  },
  {
    is: ({ auth }) => auth !== 'anonymous',
    meets: [
      'unauthenticated',
      'tenant-missing',
      'tenant-mismatch',
      'forbidden',
      'caller-deadline-exceeded',
      'dependency-unavailable',
    ],
  },
  { is: ({ limitGroup }) => limitGroup !== 'none', meets: ['overloaded'] },
  { is: ({ apiKeyRequired }) => apiKeyRequired, meets: ['api-key-invalid', 'quota-exceeded'] },
  {
    is: ({ method }) => needsIdempotencyKey(method),
    meets: [
      'idempotency-key-missing',
      'idempotency-key-invalid',
      'idempotency-key-reused',
      'dependency-unavailable',
    ],
  },
  { is: ({ ifMatch }) => ifMatch === true, meets: ['precondition-required', 'if-match-invalid'] },
  { is: (_, { body }) => body !== undefined, meets: ['unsupported-media-type'] },
  { is: (_, { path }) => path !== undefined, meets: ['not-found'] },
];

export const problemsOf = (row: RouteRow, contract: RouteContract): ReadonlySet<ProblemSlug> =>
  new Set([
    ...kinds.filter(({ is }) => is(row, contract)).flatMap(({ meets }) => meets),
    ...contract.problems,
  ]);
