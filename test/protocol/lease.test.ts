import { describe } from 'vitest';
import { keepsItsPromises } from './promises.ts';

describe('a lease keeps its promises in every order, with a fault at any step', () => {
  keepsItsPromises('lease');
});
