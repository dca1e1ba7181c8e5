import type { Stage } from '#functions/tables/names.ts';

/** The stage under test, by which its tables, queues and functions are named. */
export const stage: Stage = process.env['HOLDFAST_STAGE'] === 'sandbox' ? 'sandbox' : 'local';
