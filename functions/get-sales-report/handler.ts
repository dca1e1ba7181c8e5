/** GET /reports/sales */
import { conditional } from '#shared/http/conditional.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { readEnv } from '../env.ts';
import { reportCache } from '../report-cache.ts';
import { telemetry } from '../telemetry.ts';
import { contract } from './contract.ts';
import { salesReport } from './get-sales-report.ts';

const environment = readEnv('get-sales-report', process.env);
const store = dynamoStore({ tables: environment.tables });
const signals = telemetry(environment);
const reports = reportCache({ store, signals });

export const handler = api(
  environment,
  contract,
  async (call) => {
    const { caller, deadline, input } = call;
    const days = input.query;
    const { report, headers } = await reports.get({ caller, days, deadline }, () =>
      salesReport(store, { tenant: caller.tenant, days }),
    );
    return conditional(call, { status: 200, headers, body: report });
  },
  { signals },
);
