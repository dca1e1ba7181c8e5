/** What every queue must do, however it is made. */
import { expect, it, vi } from 'vitest';
import { maxMessagesPerCall } from '#shared/queue/calls.ts';
import type { QueueMessage, QueueSender, Visibility } from '#shared/queue/queue.ts';

export interface Received {
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface QueueUnderTest {
  readonly queue: QueueSender & Visibility;
  /** The name of a queue that is empty. */
  readonly name: string;
  /** All that is visible in it now; whatever it hands out is hidden for a while. */
  readonly receive: () => Promise<readonly Received[]>;
}

export const message = (id: string): QueueMessage => ({
  id,
  body: JSON.stringify({ text: `body of ${id}, with äöü \u{1f600} and "quotes"` }),
  attributes: { eventType: 'thing.done', traceparent: `trace of ${id}` },
});

export function queueContract(make: () => Promise<QueueUnderTest>): void {
  it('hands over bodies and attributes to the letter', async () => {
    const { queue, name, receive } = await make();
    const messages = ['a', 'b', 'c'].map(message);
    expect(await queue.send(name, messages)).toEqual(
      messages.map(({ id }) => ({ id, sent: true })),
    );
    const received = await receive();
    const seen = received.map(({ body, attributes }) => ({ body, attributes }));
    expect(seen).toHaveLength(3);
    for (const { body, attributes } of messages) expect(seen).toContainEqual({ body, attributes });
  });

  it('takes as many as one call may hold, and no more', async () => {
    const { queue, name } = await make();
    const messages = Array.from({ length: maxMessagesPerCall + 1 }, (_, i) => message(`m${i}`));
    expect(await queue.send(name, messages.slice(1))).toHaveLength(maxMessagesPerCall);
    await expect(queue.send(name, messages)).rejects.toThrow();
  });

  it('takes X-Ray’s header beside the attributes, not among them', async () => {
    const { queue, name, receive } = await make();
    const traceHeader =
      'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1';
    expect(await queue.send(name, [{ ...message('a'), traceHeader }])).toEqual([
      { id: 'a', sent: true },
    ]);
    const [received] = await receive();
    expect(Object.keys(received?.attributes ?? {}).sort()).toEqual(['eventType', 'traceparent']);
  });

  it('holds a message back for the seconds it was sent with, and no other of its call', async () => {
    const { queue, name, receive } = await make();
    await queue.send(name, [{ ...message('later'), delaySeconds: 1 }, message('now')]);
    expect(await receive()).toMatchObject([{ body: message('now').body }]);
    await vi.waitFor(
      async () => expect(await receive()).toMatchObject([{ body: message('later').body }]),
      { timeout: 5_000, interval: 100 },
    );
  });

  it.each([-1, 0.5, 901])('takes no delay of %s s', async (delaySeconds) => {
    const { queue, name } = await make();
    await expect(queue.send(name, [{ ...message('a'), delaySeconds }])).rejects.toThrow(RangeError);
  });

  it('shows a received message again at once when it is hidden for no time', async () => {
    const { queue, name, receive } = await make();
    await queue.send(name, [message('a')]);
    const [first] = await receive();
    expect(await receive()).toEqual([]);
    await queue.hide(name, first?.receiptHandle ?? '', 0);
    expect(await receive()).toMatchObject([{ body: message('a').body }]);
  });
}
