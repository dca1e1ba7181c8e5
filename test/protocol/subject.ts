/**
 * The code under exploration, in one place: a control is the same list, bundled from the same files
 * with one passage changed.
 */
export { unitKey } from '#shared/idempotency/key.ts';
export { leasedUnitOfWork } from '#shared/idempotency/leased-unit.ts';
export { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
export { claim } from '#shared/lease/claim.ts';
export { leases } from '#shared/lease/lease.ts';
export { mutex } from '#shared/lease/mutex.ts';
export { handOn } from '#shared/outbox/hand-on.ts';
export { eventWrite } from '#shared/outbox/outbox-items.ts';
export { outboxRelay } from '#shared/outbox/relay.ts';
export { outboxSweeper } from '#shared/outbox/sweeper.ts';
export { parker } from '#shared/parking/parker.ts';
export { memoryQueue } from '#shared/queue/memory-queue.ts';
export { leasedBucket } from '#shared/rate-limit/leased-bucket.ts';
export { tokenBucket } from '#shared/rate-limit/token-bucket.ts';
export { memoryRotatingSecret } from '#shared/secrets/memory-rotating-secret.ts';
export { rotation, rotationSteps } from '#shared/secrets/rotation.ts';
export { memoryStore } from '#shared/state/memory-store.ts';
export { PermanentFault } from '#shared/worker/faults.ts';
export { keepNewest } from '#shared/worker/last-seq.ts';
export { worker } from '#shared/worker/worker.ts';

export type Subject = typeof import('./subject.ts');
