/** GET /accounts/{id} */
import { toEtag } from '#shared/http/if-match.ts';
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { readAccount, toAccountView } from '../domain/account.ts';
import { accountAddress } from '../domain/keys.ts';
import { maySee } from '../domain/ownership.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';

const environment = readEnv('get-account', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = api(environment, contract, async ({ caller, input }) => {
  const account = readAccount(await store.read(accountAddress(caller.tenant, input.path.id)));
  // Another user's account is not there, rather than forbidden.
  if (!account || !maySee(caller, account)) throw new Problem('not-found');
  return {
    status: 200,
    headers: { etag: toEtag(account.version) },
    body: toAccountView(account),
  };
});
