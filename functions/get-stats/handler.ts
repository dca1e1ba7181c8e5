/** GET /stats */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { readEnv } from '../env.ts';
import { gaugeOf } from '../pressure.ts';
import { telemetry } from '../telemetry.ts';
import { contract } from './contract.ts';
import { readRelay, toPressureView } from './get-stats.ts';

const environment = readEnv('get-stats', process.env);
const signals = telemetry(environment);
const store = dynamoStore({ tables: environment.tables });
const gauge = gaugeOf(environment, signals, store);

export const handler = api(
  environment,
  contract,
  async () => {
    const [pressure, relay] = await Promise.all([gauge.look(), readRelay(store)]);
    return { status: 200, body: { pressure: toPressureView(pressure), relay } };
  },
  { signals, gauge },
);
