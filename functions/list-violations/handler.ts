/** GET /violations */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { api, type Respond } from '../api.ts';
import { toViolationView } from '../domain/violation.ts';
import { readEnv } from '../env.ts';
import { keyrings } from '../keyrings.ts';
import { listCursors } from '../list-cursors.ts';
import { pseudonymizer } from '../pseudonymizer.ts';
import { telemetry } from '../telemetry.ts';
import { contract } from './contract.ts';
import { listPosition, pageOfViolations } from './list-violations.ts';

const environment = readEnv('list-violations', process.env);
const store = dynamoStore({ tables: environment.tables });
const signals = telemetry(environment);
const { listen } = signals.scope({ trace: newTrace() });
const keys = keyrings({ secretIds: environment.secretIds, listen });
const cursors = listCursors(keys['list-cursors'], listPosition);
const pseudonymize = pseudonymizer(keys.pseudonyms);

/** Every operator sees the same list. */
const scope = ['list-violations'];

const respond: Respond<typeof contract> = async ({ input: { query } }) => {
  const { limit, cursor } = query;
  const after = await cursors.open(cursor, scope);
  const page = await pageOfViolations(store, { limit, after, nowMs: Date.now() });
  const violations = await Promise.all(
    page.violations.map(async (violation) => {
      const names = await pseudonymize({ tenant: violation.tenant, user: violation.data.userId });
      return toViolationView(violation, names?.user);
    }),
  );
  const next = page.next && (await cursors.seal(page.next, scope));
  return { status: 200, body: { violations, ...(next && { next }) } };
};

export const handler = api(environment, contract, respond, { signals, keys });
