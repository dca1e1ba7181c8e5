import { api } from '../api.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';

const environment = readEnv('health', process.env);

export const handler = api(environment, contract, async () => ({
  status: 200,
  body: { status: 'ok', stage: environment.stage },
}));
