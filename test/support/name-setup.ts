/** For a suite that starts engines of its own: which. */
import type { TestProject } from 'vitest/node';
import { engineUnderTest } from './engine-under-test.ts';

export const setup = ({ provide }: TestProject): void =>
  provide('engine', engineUnderTest(process.env));
