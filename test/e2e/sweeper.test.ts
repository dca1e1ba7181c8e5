/** An event that the stream did not deliver is delivered all the same. */
import { expect, it } from 'vitest';
import { orderAggregate } from '#functions/domain/order.ts';
import { publish } from '#functions/publish.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { everyItemOf, orderOf, store } from './support/auditor.ts';
import { eventually } from './support/eventually.ts';
import { pendingOrder } from './support/pending-order.ts';
import { invoke } from './support/queues.ts';
import { storyOf } from './support/story.ts';

it('an event older than the sweep age, in no ledger, goes to its queue with the next sweep', async () => {
  const id = await pendingOrder();
  const trace = newTrace();
  const event = publish(
    {
      type: 'order.created',
      tenant: 'acme',
      aggregate: orderAggregate(id),
      seq: 1,
      data: { orderId: id, userId: 'u1' },
    },
    { trace, correlationId: 'sweeper-test', now: () => Date.now() - 10_000 },
  );
  // The stream's filter lets only new items through, so an event that replaces another item is one
  // that the stream never tells of.
  await store.write({ put: { kind: 'lost' }, at: event.at });
  await store.write({ ...event, when: { where: {} } });

  await invoke('outbox-sweeper');

  await eventually(async () => {
    expect((await orderOf('acme', id))?.status).toBe('confirmed');
  });
  const story = await eventually(async () => {
    const found = await storyOf(trace.traceId);
    expect(found.lines.map(({ message }) => message)).toContain('event swept');
    return found;
  });
  expect(story.functions).toContain('outbox-sweeper');
  const ledgers = (await everyItemOf('outbox')).filter(({ kind }) => kind === 'ledger');
  expect(ledgers.some(({ sent }) => (sent as string[]).includes(event.at.key['sk'] ?? ''))).toBe(
    true,
  );
});
