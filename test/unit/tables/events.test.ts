import { describe, expect, it } from 'vitest';
import { handingOn } from '#functions/handed-on.ts';
import { type EventRow, type EventType, eventTypes } from '#functions/tables/events.ts';
import { queues } from '#functions/tables/queues.ts';
import { priorities } from '#shared/pressure/priority.ts';

const types = Object.keys(eventTypes) as EventType[];

describe('the event types', () => {
  it.each(types)('send %s to a queue of its priority', (type) => {
    const { queue, priority }: EventRow = eventTypes[type];
    expect(priority).toBe(queues[queue].priority);
    expect(handingOn.queueOf(type)).toBe(queue);
  });

  it('rank with the relay as the table of priorities has them', () => {
    expect(types.toSorted((a, b) => handingOn.rankOf(a) - handingOn.rankOf(b))).toEqual(
      types.toSorted(
        (a, b) =>
          priorities.indexOf(eventTypes[a].priority) - priorities.indexOf(eventTypes[b].priority),
      ),
    );
    expect(handingOn.rankOf('order.created')).toBeLessThan(handingOn.rankOf('order.confirmed'));
  });

  it('that move an order from one status to another end what is remembered of sales', () => {
    const ending = types.filter((type) => {
      const { invalidates }: EventRow = eventTypes[type];
      return invalidates?.includes('sales');
    });
    expect(ending).toEqual([
      'order.created',
      'order.confirmed',
      'order.rejected',
      'order.cancelled',
    ]);
  });

  it('have no row for what objects have by nature', () => {
    expect(handingOn.queueOf('toString')).toBeUndefined();
  });
});
