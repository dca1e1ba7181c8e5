/** The simulated target of the relay, invoked by its worker. */
import { readEnv } from '../env.ts';
import { simulatedRecipient } from '../simulated-recipient.ts';
import { simulatedRelayTarget } from './simulated-relay-target.ts';

const environment = readEnv('simulated-relay-target', process.env);

export const handler = simulatedRecipient(environment, 'job', simulatedRelayTarget);
