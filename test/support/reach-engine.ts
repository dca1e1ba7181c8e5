/** Runs before each test file of a suite with an engine: AWS clients without options reach it. */
import { inject } from 'vitest';
import type {} from './given-stack.ts';

const fault = inject('setupFault');
if (fault !== undefined) throw new Error(`this suite could not start: ${fault}`);

const endpoint = inject('endpoint');
if (endpoint) process.env['AWS_ENDPOINT_URL'] = endpoint;
process.env['AWS_REGION'] = inject('region');
