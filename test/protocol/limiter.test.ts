import { describe } from 'vitest';
import { keepsItsPromises } from './promises.ts';

describe('a rate limit keeps its promises in every order, with a fault at any step', () => {
  keepsItsPromises('limiter');
});
