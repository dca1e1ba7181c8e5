import { describe, expect, it } from 'vitest';
import { deliver } from '#shared/outbox/deliver.ts';
import type { QueueSender, Sent } from '#shared/queue/queue.ts';
import { event } from './small-world.ts';

const queueOf = (type: string) => `${type}-queue`;
const rankOf = (type: string) => ['urgent', 'usual', 'late'].indexOf(type);
const taken = (ids: readonly { readonly id: string }[]): Sent[] =>
  ids.map(({ id }) => ({ id, sent: true }));

const of = (type: string, n: number, seq = 1) => event({ type, aggregate: `thing/${n}`, seq });
const park = async () => ({ how: 'parked', cause: 'test' }) as const;
const delivering = { queueOf, rankOf, tracing: false };

describe('events of one batch', () => {
  it('go to their queues the most urgent first, each rank after the one before', async () => {
    const steps: string[] = [];
    const queues: QueueSender = {
      async send(queue, messages) {
        steps.push(`to ${queue}`);
        await new Promise(setImmediate);
        steps.push(`${queue} has ${messages.length}`);
        return taken(messages);
      },
    };
    const events = [of('late', 1), of('usual', 2), of('late', 3), of('urgent', 4)];
    const deliveries = await deliver(
      events.map((event) => ({ event })),
      park,
      { ...delivering, queues },
    );
    expect(steps).toEqual([
      'to urgent-queue',
      'urgent-queue has 1',
      'to usual-queue',
      'usual-queue has 1',
      'to late-queue',
      'late-queue has 2',
    ]);
    expect([...deliveries.values()].map(({ how }) => how)).toEqual(events.map(() => 'sent'));
  });

  it('that are urgent are in their queue while a less urgent queue hangs, and though it fails', async () => {
    const got: string[] = [];
    const queues: QueueSender = {
      async send(queue, messages) {
        if (queue === 'late-queue') {
          expect(got).toEqual(['urgent-queue']);
          throw new Error('down');
        }
        got.push(queue);
        return taken(messages);
      },
    };
    const [late, urgent] = [of('late', 1), of('urgent', 2)];
    const deliveries = await deliver([{ event: late }, { event: urgent }], park, {
      ...delivering,
      queues,
    });
    expect(deliveries.get(urgent.id)).toMatchObject({ how: 'sent' });
    expect(deliveries.get(late.id)).toMatchObject({ how: 'failed' });
  });

  it('that are urgent do not overtake an earlier one of their aggregate', async () => {
    const got: string[] = [];
    const queues: QueueSender = {
      async send(queue, messages) {
        got.push(queue);
        return taken(messages);
      },
    };
    const events = [of('urgent', 1, 2), of('late', 1, 1)];
    await deliver(
      events.map((event) => ({ event })),
      park,
      { ...delivering, queues },
    );
    expect(got).toEqual(['late-queue', 'urgent-queue']);
  });
});
