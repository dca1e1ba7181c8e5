/** GET /items/{id} */
import { toEtag } from '#shared/http/if-match.ts';
import { Problem } from '#shared/http/problem.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { api } from '../api.ts';
import { readPrice, readStock } from '../domain/catalogue.ts';
import { toItemView } from '../domain/item.ts';
import { itemPriceAddress, itemStockAddress } from '../domain/keys.ts';
import { readEnv } from '../env.ts';
import { contract } from './contract.ts';

const environment = readEnv('get-item', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = api(environment, contract, async ({ caller: { tenant }, input }) => {
  const { id } = input.path;
  const [price, stock] = await Promise.all([
    store.read(itemPriceAddress(tenant, id)).then(readPrice),
    store.read(itemStockAddress(tenant, id)).then(readStock),
  ]);
  if (!price) throw new Problem('not-found');
  return {
    status: 200,
    headers: { etag: toEtag(price.version) },
    body: toItemView(id, price, stock),
  };
});
