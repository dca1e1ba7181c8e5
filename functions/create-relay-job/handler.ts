/** POST /relay */
import { toEtag } from '#shared/http/if-match.ts';
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { readEnv } from '../env.ts';
import { leasedRoute } from '../leased-route.ts';
import { publish } from '../publish.ts';
import { contract } from './contract.ts';
import { type AcceptRefusal, acceptJob, refuseWhenFull } from './create-relay-job.ts';

const environment = readEnv('create-relay-job', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = leasedRoute(environment, contract, {
  store,
  async refuseEarly({ caller }, look) {
    const refused = await refuseWhenFull(caller.tenant, look);
    return refused && toProblem(refused);
  },
  // Nothing outside: a worker hands it on. The lease is for the duplicate, who hears of the first.
  effect: async () => ({ done: undefined }),
  async decide({ caller, input, trace, requestId: correlationId }, _, reader, deciding) {
    const decision = await acceptJob(
      input.body,
      {
        tenant: caller.tenant,
        userId: caller.user,
        nowMs: Date.now(),
        publish: (happening) => publish(happening, { trace, correlationId }),
      },
      reader,
      deciding,
    );
    return 'refused' in decision ? { refused: toProblem(decision.refused) } : decision;
  },
  headers: (job) => ({ location: `relay/${job.id}`, etag: toEtag(job.version) }),
});

const toProblem = ({ because, ...options }: AcceptRefusal): Problem =>
  new Problem(because, options);
