import { describe } from 'vitest';
import { keepsItsPromises } from './promises.ts';

describe('a deferred unit of work keeps its promises in every order, with a fault at any step', () => {
  keepsItsPromises('deferred');
});
