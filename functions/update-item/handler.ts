/** PUT /items/{id} */
import { toEtag } from '#shared/http/if-match.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { readEnv } from '../env.ts';
import { publish } from '../publish.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';
import { updateItem } from './update-item.ts';

const environment = readEnv('update-item', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  decide: ({ caller, ifMatch, input, trace, requestId: correlationId }, reader) =>
    updateItem(
      { caller, ifMatch, id: input.path.id, item: input.body },
      { reader, publish: (happening) => publish(happening, { trace, correlationId }) },
    ),
  headers: ({ version }) => ({ etag: toEtag(version) }),
});
