/** The code of docs/patterns/worker.md. */
import { expect, it } from 'vitest';
import { memoryQueue } from '#shared/queue/memory-queue.ts';
import type { Message } from '#shared/worker/message.ts';
import { worker } from '#shared/worker/worker.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

it('works on a message and says whether to acknowledge it', async () => {
  const queue = memoryQueue();
  const context = { getRemainingTimeInMillis: () => 20_000 };
  const kept: string[] = [];
  const keepThing = async (thing: string) => kept.push(thing);
  const message: Message = { id: '1', receiptHandle: '1', body: 'it', attributes: {}, attempt: 1 };

  const work = worker({
    visibility: queue,
    deadLetters: queue,
    queue: 'things',
    consumer: 'thing-keeper',
    marginMs: 4_000,
    maxAttempts: 8,
    baseDelayMs: 2_000,
    maxDelayMs: 300_000,
  });
  const { acknowledge } = await work(message, {
    remainingMs: context.getRemainingTimeInMillis(),
    handle: () => keepThing(message.body),
  });

  expect(acknowledge).toBe(true);
  expect(kept).toEqual(['it']);
});

it('is the code on the page', () => {
  for (const code of codeOnPage('worker')) expect(codeOfFile(import.meta.filename)).toContain(code);
});
