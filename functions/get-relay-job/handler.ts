/** GET /relay/{id} */
import { toEtag } from '#shared/http/if-match.ts';
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { relayJobAddress } from '../domain/keys.ts';
import { maySee } from '../domain/ownership.ts';
import { readRelayJob, toRelayJobView } from '../domain/relay-job.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';

const environment = readEnv('get-relay-job', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = api(environment, contract, async ({ caller, input }) => {
  const job = readRelayJob(await store.read(relayJobAddress(caller.tenant, input.path.id)));
  // Another user's job is not there, rather than forbidden.
  if (!job || !maySee(caller, job)) throw new Problem('not-found');
  return { status: 200, headers: { etag: toEtag(job.version) }, body: toRelayJobView(job) };
});
