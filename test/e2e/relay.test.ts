/** The relay: a place for each job, none beyond a tenant's share, and each given back however it ends. */
import { afterEach, describe, expect, it } from 'vitest';
import { relayJobAddress, relaySlotsAddress } from '#functions/domain/keys.ts';
import {
  acceptWrites,
  type RelayJob,
  type RelayJobView,
  readRelayJob,
} from '#functions/domain/relay-job.ts';
import { relayOverdueMs, relayShares } from '#functions/tables/relay.ts';
import {
  noFaults,
  type SimulatedFaults,
  simulatedFaultsAddress,
  simulatedFaultsWrite,
} from '#shared/faults/fault-items.ts';
import type { Item } from '#shared/state/items.ts';
import { everyItemOf, store } from './support/auditor.ts';
import { callerAs, type Send } from './support/caller.ts';
import { eventually } from './support/eventually.ts';
import { persistently } from './support/persistent.ts';
import { invoke, parkedLettersOf } from './support/queues.ts';

const faultsAre = (faults: Partial<SimulatedFaults>) =>
  store.write(simulatedFaultsWrite('state', 'relay-target', { ...noFaults, ...faults }));

const payload = { channel: 'news', body: 'The harbour opens at seven.' };

const jobOf = async (tenant: string, id: string) =>
  readRelayJob(await store.read(relayJobAddress(tenant, id)));

const slotsOf = async (tenant: string) =>
  Number((await store.read(relaySlotsAddress(relayShares.of(tenant).tenant)))?.['taken'] ?? 0);

/** What the target took for a job: one item a key, with the times it was asked. */
const takenFor = async (jobId: string): Promise<readonly Item[]> =>
  (await everyItemOf('state')).filter(
    ({ pk, jobId: of }) => String(pk).startsWith('simulated#relay-target#') && of === jobId,
  );

const isNow = (tenant: string, id: string, status: RelayJob['status'], withinMs?: number) =>
  eventually(async () => {
    expect(await jobOf(tenant, id)).toMatchObject({ status });
  }, withinMs);

const drained = (tenant: string) =>
  eventually(async () => expect(await slotsOf(tenant)).toBe(0), 60_000);

const place = (send: Send, body: object = payload) =>
  persistently<RelayJobView>(send, 'POST', '/relay', { body });

afterEach(() => store.write({ remove: true, at: simulatedFaultsAddress('state', 'relay-target') }));

describe('a job of the relay', () => {
  it('is accepted, delivered once, and read by its user and its admin alone', async () => {
    const send = await callerAs();
    const accepted = await place(send);
    const { id } = accepted.body;
    expect(accepted).toMatchObject({ status: 202, body: { status: 'accepted', ...payload } });
    expect(accepted.headers.get('location')).toBe(`relay/${id}`);

    await isNow('acme', id, 'delivered');
    const read = await send<RelayJobView>('GET', `/relay/${id}`);
    expect(read).toMatchObject({ status: 200, body: { id, status: 'delivered', version: 2 } });
    expect(read.headers.get('etag')).toBe('"2"');
    expect(await takenFor(id)).toMatchObject([{ channel: 'news', asked: 1 }]);
    await drained('acme');

    const admin = await callerAs({ user: 'admin', role: 'admin' });
    expect((await admin('GET', `/relay/${id}`)).status).toBe(200);
    for (const who of [{ user: 'u2' }, { tenant: 'globex' }]) {
      const other = await callerAs(who);
      expect((await other('GET', `/relay/${id}`)).status).toBe(404);
    }
  });

  it('is one, whoever asks for it how often under one key', async () => {
    const send = await callerAs();
    const key = crypto.randomUUID();
    const ask = () => send<RelayJobView>('POST', '/relay', { body: payload, key });
    const answers = await Promise.all(Array.from({ length: 6 }, ask));
    for (const { status, headers, body } of answers) {
      expect([202, 409]).toContain(status);
      if (status === 409) {
        expect(body).toMatchObject({ type: '/problems/request-in-progress' });
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      }
    }
    const again = await persistently<RelayJobView>(send, 'POST', '/relay', { body: payload, key });
    expect(again).toMatchObject({ status: 202, body: { status: 'accepted', version: 1 } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await isNow('acme', again.body.id, 'delivered');
    expect(await takenFor(again.body.id)).toHaveLength(1);
  });

  it('fails where the target will not have it, and leaves no letter', async () => {
    const { body } = await place(await callerAs(), { channel: 'nobody', body: 'x' });
    await isNow('acme', body.id, 'failed');
    await drained('acme');
    const letters = await parkedLettersOf('relay:deliver');
    expect(letters.filter((letter) => letter.body?.includes(body.id))).toEqual([]);
  });

  it.each([
    { ...payload, channel: 'No Channel' },
    { ...payload, body: '' },
    { ...payload, url: 'https://example.com' },
  ])('is not made of %j', async (body) => {
    const send = await callerAs();
    expect((await send('POST', '/relay', { body })).status).toBe(400);
  });
});

describe('a share that is full', () => {
  it('refuses its tenant until it is drained, and nobody else', { timeout: 120_000 }, async () => {
    const { capacity } = relayShares.of('initech');
    await drained('initech');
    await faultsAre({ errorRatio: 1 });
    const send = await callerAs({ tenant: 'initech' });
    const jobs: string[] = [];
    for (let nth = 0; nth < capacity; nth++) jobs.push((await place(send)).body.id);
    expect(await slotsOf('initech')).toBe(capacity);

    const key = crypto.randomUUID();
    const full = await eventually(async () => {
      const answer = await send('POST', '/relay', { body: payload, key });
      expect(answer).toMatchObject({ status: 429, body: { type: '/problems/relay-full' } });
      return answer;
    });
    expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = await place(await callerAs({ tenant: 'globex' }));
    expect(other.status).toBe(202);

    await faultsAre({});
    for (const id of jobs) await isNow('initech', id, 'delivered', 60_000);
    const late = await persistently<RelayJobView>(send, 'POST', '/relay', { body: payload, key });
    expect(late.status).toBe(202);
    await isNow('initech', late.body.id, 'delivered');
    await drained('initech');
  });
});

describe('a job that is given up', () => {
  it('gives its place back with its letter, and is delivered once by a replay', {
    timeout: 180_000,
  }, async () => {
    await drained('globex');
    await faultsAre({ errorRatio: 1 });
    const { body } = await place(await callerAs({ tenant: 'globex' }));
    await isNow('globex', body.id, 'parked', 120_000);
    await drained('globex');
    const letter = await eventually(async () => {
      const letters = await parkedLettersOf('relay:deliver');
      const found = letters.find((one) => one.body?.includes(body.id));
      expect(found).toMatchObject({
        cause: 'attempts-exhausted',
        error: 'RelayTargetUnavailableError',
      });
      return found;
    });

    await faultsAre({});
    const operator = await callerAs({ user: 'ops', role: 'service' });
    const replay = { ids: [letter?.id ?? ''] };
    const started = await persistently(operator, 'POST', '/dlq/relay-deliver/replays', {
      body: replay,
    });
    expect(started.status).toBe(202);
    await isNow('globex', body.id, 'delivered', 60_000);
    expect(await takenFor(body.id)).toMatchObject([{ asked: 1 }]);
    await drained('globex');
  });

  it('is parked by the reconciler when its message never comes', { timeout: 90_000 }, async () => {
    await drained('load');
    const job: RelayJob = {
      id: crypto.randomUUID(),
      tenant: 'load',
      userId: 'u1',
      status: 'accepted',
      version: 1,
      ...payload,
      acceptedAt: new Date(Date.now() - relayOverdueMs).toISOString(),
    };
    const writes = acceptWrites(job);
    expect(await store.commit({ token: crypto.randomUUID(), writes })).toEqual({ applied: true });
    expect(await slotsOf('load')).toBe(1);
    await eventually(async () => {
      await invoke('relay-reconciler');
      expect(await jobOf('load', job.id)).toMatchObject({ status: 'parked', version: 2 });
    }, 30_000);
    expect(await slotsOf('load')).toBe(0);
  });
});
