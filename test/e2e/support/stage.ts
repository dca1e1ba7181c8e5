import { inject } from 'vitest';
import type { Stage } from '#functions/tables/names.ts';
import type {} from '../../support/given-stack.ts';

/** The stage under test, as the stack itself says it. */
export const stage: Stage = inject('stage');
