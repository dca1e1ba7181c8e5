/** POST /rewards/daily */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { readEnv } from '../env.ts';
import { writeRoute } from '../write-route.ts';
import { claims } from './claim-daily-reward.ts';
import { contract } from './contract.ts';

const environment = readEnv('claim-daily-reward', process.env);
const store = dynamoStore({ tables: environment.tables });

// Not compact: a claim lives where its user's for the day is looked for, so that there is one at most.
export const handler = writeRoute(environment, contract, { store, decide: claims() });
