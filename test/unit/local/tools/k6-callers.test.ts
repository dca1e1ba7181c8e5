import { describe, expect, it } from 'vitest';
import { routes } from '#functions/tables/routes.ts';
import { demoTenants } from '#functions/tables/tiers.ts';
import { callersOf, credentialsOf } from '#local/tools/k6-callers.ts';
import { UsageError } from '#ops/usage-error.ts';

const apiKeys = { acme: 'key-of-acme', initech: 'key-of-initech', load: 'key-of-load' };
const tokenOf = async ({ tenant, user, role }: { tenant: string; user: string; role: string }) =>
  `${tenant}/${user}/${role}`;

describe('the callers of a load test', () => {
  it('are none for a script that asks for none', async () => {
    expect(callersOf('orders', 'r1')).toEqual({});
    expect(await credentialsOf({}, { apiKeys: {}, tokenOf })).toBeUndefined();
  });

  it('are new users in every run where the script needs full buckets, and else the demo’s', () => {
    const { flood, neighbour } = callersOf('bursts', 'r1');
    expect(flood).toEqual({ tenant: 'acme', user: 'flood-r1', role: 'user' });
    expect(neighbour?.user).not.toBe(flood?.user);
    expect(callersOf('bursts', 'r2')['flood']?.user).toBe('flood-r2');
    expect(callersOf('shedding', 'r1')['customer']?.user).toBe('u1');
  });

  it.each(['bursts', 'shedding'])('of %s belong to demo tenants, each user once', (script) => {
    const callers = Object.values(callersOf(script, 'r1'));
    for (const { tenant } of callers) expect(Object.keys(demoTenants)).toContain(tenant);
    expect(new Set(callers.map(({ tenant, user }) => `${tenant}/${user}`)).size).toBe(
      callers.length,
    );
  });

  it('of shedding have the roles of what they call', () => {
    const { admin, operator } = callersOf('shedding', 'r1');
    expect(routes['set-simulated-faults'].auth).toContain(admin?.role);
    expect(routes['get-stats'].auth).toContain(operator?.role);
  });

  it('are handed over with a token and the API key of their tenant', async () => {
    const text = await credentialsOf(
      {
        one: { tenant: 'acme', user: 'a', role: 'user' },
        other: { tenant: 'initech', user: 'b', role: 'admin' },
      },
      { apiKeys, tokenOf },
    );
    expect(JSON.parse(text ?? '')).toEqual({
      one: { apiKey: 'key-of-acme', token: 'acme/a/user' },
      other: { apiKey: 'key-of-initech', token: 'initech/b/admin' },
    });
  });

  it('are refused, all that lack it together, where a tenant has no API key', async () => {
    const made = credentialsOf(callersOf('bursts', 'r1'), { apiKeys: { load: 'k' }, tokenOf });
    await expect(made).rejects.toThrow(UsageError);
    await expect(made).rejects.toThrow(/acme, initech/);
  });
});
