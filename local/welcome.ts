/** What a person is told when the stack stands: where it is, what to try, what it did. */
import { randomUUID } from 'node:crypto';
import { demoTenants } from '#functions/tables/tiers.ts';
import { type FirstOrder, firstCustomer, firstOrder } from './first-order.ts';
import type { LocalState } from './state-file.ts';

/** The way of the first order, a line a hop. */
export function formatHops({ id, hops }: FirstOrder): string {
  const width = Math.max(...hops.map(({ name }) => name.length));
  return [
    `Order ${id}, each function starting cold`,
    ...hops.map(
      ({ name, by, afterMs }) => `${`+${afterMs} ms`.padStart(10)}  ${name.padEnd(width)}  ${by}`,
    ),
  ].join('\n');
}

export interface WelcomeOptions {
  readonly state: LocalState;
  readonly stateFile: string;
  readonly order: FirstOrder;
  /** Of the first customer. */
  readonly token: string;
  /** How commands are told of this stack: nothing for the first one. */
  readonly port?: string;
  readonly newKey?: () => string;
}

export function welcome({
  state,
  stateFile,
  order,
  token,
  port,
  newKey = randomUUID,
}: WelcomeOptions): string {
  const { apiUrl, apiKeys } = state;
  const { tenant, user, role } = firstCustomer;
  const call = `-H 'x-api-key: ${apiKeys[tenant]}' -H 'authorization: Bearer ${token}'`;
  const here = port === undefined ? '' : ` --port ${port}`;
  return `
Holdfast is running.

  API     ${apiUrl}
${Object.entries(demoTenants)
  .map(([name, { tier }], at) =>
    `  ${at === 0 ? 'Keys' : '    '}    ${name.padEnd(8)} ${apiKeys[name]}  ${tier}`.trimEnd(),
  )
  .join('\n')}
  Token   of ${user} at ${tenant}, for an hour:
          ${token}
  State   ${stateFile}

Try it:

  curl -s ${apiUrl}/orders ${call} -H 'content-type: application/json' -H 'idempotency-key: ${newKey()}' -d '${JSON.stringify(firstOrder)}'
  curl -s ${apiUrl}/orders/${order.id} ${call}
  curl -s '${apiUrl}/orders?limit=2' ${call}

  npm run logs -- --trace ${order.traceId}${here}
  npm run -s token -- --tenant ${tenant} --user ${user} --role ${role}${here}
  npm run k6 -- orders${here}
`;
}
