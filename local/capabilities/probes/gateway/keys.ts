/** API keys, and what a usage plan lets in. */
import { setTimeout as wait } from 'node:timers/promises';
import { GetUsageCommand, UpdateApiKeyCommand } from '@aws-sdk/client-api-gateway';
import { type Api, type ApiKey, createApi, createPlan } from '../../lab/api.ts';
import type { Lab } from '../../lab.ts';
import type { Probe } from '../../probe.ts';
import { unlessRefused } from '../../refusal.ts';
import { call, expectStatus, onlyStatuses, tallyOf } from '../calls.ts';

/** An API of one method that asks for a key, answered by the gateway itself. */
async function keyedApi(lab: Lab): Promise<{ readonly api: Api; readonly url: string }> {
  const api = await createApi(lab);
  await api.addMethod({
    path: '/keyed',
    behind: 'the gateway itself',
    method: { apiKeyRequired: true },
  });
  return { api, url: `${await api.deploy()}/keyed` };
}

const as = (value: string): RequestInit => ({ headers: { 'x-api-key': value } });

/** So many calls one after the other. */
async function statusesOf(url: string, key: ApiKey, calls: number): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < calls; n++) statuses.push((await call(url, as(key.value))).status);
  return statuses;
}

const isLetIn = (status: number) => status === 200;

const apiKey: Probe = async (lab) => {
  const { api, url } = await keyedApi(lab);
  const key = await createPlan(lab, api);
  await expectStatus(200, url, as(key.value));
  const [without, unknown] = [await call(url), await call(url, as('a-key-that-nobody-was-given'))];
  return {
    does: without.status === 403 && unknown.status === 403,
    saw: `without a key ${without.status}, with an unknown one ${unknown.status}, with its own 200`,
  };
};

const apiKeyDisabled: Probe = async (lab) => {
  const { api, url } = await keyedApi(lab);
  const key = await createPlan(lab, api);
  await expectStatus(200, url, as(key.value));
  await lab.clients.apiGateway.send(
    new UpdateApiKeyCommand({
      apiKey: key.id,
      patchOperations: [{ op: 'replace', path: '/enabled', value: 'false' }],
    }),
  );
  const refused = await lab.eventually(
    async () => (await call(url, as(key.value))).status === 403,
    { withinMs: 3_000 },
  );
  return {
    does: refused === true,
    saw: refused ? 'disabled, the key is refused with 403' : 'disabled, the key still gets 200',
  };
};

const planRate: Probe = async (lab) => {
  const [rate, burst, everyMs, forMs] = [5, 5, 50, 3_000];
  const { api, url } = await keyedApi(lab);
  const key = await createPlan(lab, api, { throttle: { rateLimit: rate, burstLimit: burst } });
  await expectStatus(200, url, as(key.value));
  const startedAtMs = performance.now();
  const elapsedMs = () => performance.now() - startedAtMs;
  const calls: Promise<number>[] = [];
  // None waits for the one before, so that a slow engine is asked as often as a fast one.
  while (elapsedMs() < forMs) {
    const sent = call(url, as(key.value)).then(({ status }) => status);
    // Whoever waits for all of them sees it fail.
    sent.catch(() => {});
    calls.push(sent);
    await wait(Math.max(0, calls.length * everyMs - elapsedMs()));
  }
  const statuses = await Promise.all(calls);
  const seconds = elapsedMs() / 1_000;
  onlyStatuses(statuses, [200, 429]);
  const letIn = statuses.filter(isLetIn).length;
  const room = burst - 1 + rate * seconds;
  return {
    // A bucket counted in whole seconds lets in a second's worth more or less.
    does: letIn < statuses.length && letIn <= room + rate && letIn >= room - 2 * rate,
    saw: `of ${statuses.length} calls in ${seconds.toFixed(1)} s at ${rate} a second: ${tallyOf(statuses)}`,
  };
};

const planBurst: Probe = async (lab) => {
  const [burst, calls] = [10, 30];
  const { api, url } = await keyedApi(lab);
  const key = await createPlan(lab, api, { throttle: { rateLimit: 1, burstLimit: burst } });
  const startedAtMs = performance.now();
  const statuses = await Promise.all(
    Array.from({ length: calls }, async () => (await call(url, as(key.value))).status),
  );
  const seconds = (performance.now() - startedAtMs) / 1_000;
  onlyStatuses(statuses, [200, 429]);
  const letIn = statuses.filter(isLetIn).length;
  return {
    does: letIn >= burst && letIn <= burst + Math.ceil(seconds),
    saw: `of ${calls} at once with a burst of ${burst}: ${tallyOf(statuses)}`,
  };
};

const planQuota: Probe = async (lab) => {
  const { api, url } = await keyedApi(lab);
  const key = await createPlan(lab, api, { quota: { limit: 3, period: 'DAY' } });
  const statuses = await statusesOf(url, key, 5);
  onlyStatuses(statuses, [200, 429]);
  return {
    does: statuses.join() === '200,200,200,429,429',
    saw: `5 calls on a quota of 3 a day: ${statuses.join(', ')}`,
  };
};

const planUsage: Probe = async (lab) => {
  const { api, url } = await keyedApi(lab);
  const key = await createPlan(lab, api, { quota: { limit: 100, period: 'DAY' } });
  onlyStatuses(await statusesOf(url, key, 3), [200]);
  const look = async (): Promise<number> => {
    const { items = {} } = await lab.clients.apiGateway.send(
      new GetUsageCommand({
        usagePlanId: key.planId,
        startDate: utcDay(-dayMs),
        endDate: utcDay(dayMs),
      }),
    );
    return (items[key.id] ?? []).reduce((sum, [used = 0]) => sum + used, 0);
  };
  return unlessRefused(async () => {
    let counted = 0;
    await lab.eventually(
      async () => {
        counted = await look();
        return counted === 3;
      },
      { withinMs: 3_000 },
    );
    return { does: counted === 3, saw: `GetUsage counts ${counted} of 3 calls` };
  });
};

const dayMs = 86_400_000;

const utcDay = (offsetMs: number): string =>
  new Date(Date.now() + offsetMs).toISOString().slice(0, 10);

export const keyProbes = {
  'api-key': apiKey,
  'api-key-disabled': apiKeyDisabled,
  'plan-rate': planRate,
  'plan-burst': planBurst,
  'plan-quota': planQuota,
  'plan-usage': planUsage,
};
