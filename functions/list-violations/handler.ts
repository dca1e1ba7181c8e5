/** GET /violations */
import { cursorKeyId, openCursor, sealCursor } from '#shared/cursor/cursor.ts';
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { api, type Respond } from '../api.ts';
import { toViolationView } from '../domain/violation.ts';
import { readEnv } from '../env.ts';
import { keyrings } from '../keyrings.ts';
import { pseudonymizer } from '../pseudonymizer.ts';
import { telemetry } from '../telemetry.ts';
import { contract } from './contract.ts';
import { listPosition, type Position, pageOfViolations } from './list-violations.ts';

const environment = readEnv('list-violations', process.env);
const store = dynamoStore({ tables: environment.tables });
const signals = telemetry(environment);
const { listen } = signals.scope({ trace: newTrace() });
const keys = keyrings({ secretIds: environment.secretIds, listen });
const cursorKeys = keys['list-cursors'];
const pseudonymize = pseudonymizer(keys.pseudonyms);

/** Every operator sees the same list. */
const scope = ['list-violations'];

const respond: Respond<typeof contract> = async ({ input: { query } }) => {
  const { limit, cursor } = query;
  const after = cursor === undefined ? undefined : await open(cursor);
  const page = await pageOfViolations(store, { limit, after, nowMs: Date.now() });
  const violations = await Promise.all(
    page.violations.map(async (violation) => {
      const names = await pseudonymize({ tenant: violation.tenant, user: violation.data.userId });
      return toViolationView(violation, names?.user);
    }),
  );
  const next = page.next && sealCursor(await cursorKeys.current(), scope, page.next);
  return { status: 200, body: { violations, ...(next && { next }) } };
};

export const handler = api(environment, contract, respond, { signals, keys });

async function open(cursor: string): Promise<Position> {
  const id = cursorKeyId(cursor);
  const key = id === undefined ? undefined : await cursorKeys.key(id);
  const position = key && openCursor(key, scope, cursor);
  if (position === undefined) throw new Problem('cursor-invalid');
  return listPosition.parse(position);
}
