/** PUT /simulated/{name}/faults */
import { simulatedFaultsWrite } from '#shared/faults/fault-items.ts';
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { readEnv } from '../env.ts';
import { writeRoute } from '../write-route.ts';
import { contract, simulated } from './contract.ts';

const environment = readEnv('set-simulated-faults', process.env);

export const handler = writeRoute(environment, contract, {
  store: dynamoStore({ tables: environment.tables }),
  async decide({ input: { body, path } }) {
    const name = simulated.find((known) => known === path.name);
    if (!name) return { refused: new Problem('not-found') };
    return { answer: body, writes: [simulatedFaultsWrite('state', name, body)] };
  },
});
