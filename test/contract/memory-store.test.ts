import { describe } from 'vitest';
import { memoryStore } from '#shared/state/memory-store.ts';
import { storeContract } from './store-contract.ts';

describe('memory store', () => {
  storeContract(() => memoryStore());
});
