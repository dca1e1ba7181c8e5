import { describe } from 'vitest';
import { memoryQueue } from '#shared/queue/memory-queue.ts';
import { queueContract } from './queue-contract.ts';

describe('memory queue', () => {
  queueContract(async () => {
    const queue = memoryQueue();
    return { queue, name: 'things', receive: async () => queue.receive('things') };
  });
});
