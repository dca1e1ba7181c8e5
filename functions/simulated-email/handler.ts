/** The simulated mail provider, invoked by whoever sends mail. */
import { readEnv } from '../env.ts';
import { simulatedRecipient } from '../simulated-recipient.ts';
import { simulatedEmail } from './simulated-email.ts';

const environment = readEnv('simulated-email', process.env);

export const handler = simulatedRecipient(environment, 'mail', simulatedEmail);
