import { describe } from 'vitest';
import { keepsItsPromises } from './promises.ts';

describe('a rotation keeps its promises in every order, with faults at any step', () => {
  keepsItsPromises('rotation');
});
