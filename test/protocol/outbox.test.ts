import { describe } from 'vitest';
import { keepsItsPromises } from './promises.ts';

describe('the outbox keeps its promises in every order, with a fault at any step', () => {
  keepsItsPromises('outbox');
});
