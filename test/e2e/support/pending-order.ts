/** An order as it stands before its worker has heard of it, written without the API and its event. */
import { orderAddress } from '#functions/domain/keys.ts';
import { toOrderItem } from '#functions/domain/order.ts';
import { uuidV7 } from '#shared/ids/uuid.ts';
import { store } from './auditor.ts';

/** Of user u1 at acme, for one book. */
export async function pendingOrder(): Promise<string> {
  const id = uuidV7();
  const order = toOrderItem({
    id,
    tenant: 'acme',
    userId: 'u1',
    status: 'pending',
    version: 1,
    lines: [{ itemId: 'book', quantity: 1, priceMinor: 1_250 }],
    address: '1 Harbour Road',
    totalMinor: 1_250,
    currency: 'EUR',
    createdAt: new Date().toISOString(),
  });
  await store.write({ put: order, at: orderAddress('acme', id), when: { absent: true } });
  return id;
}
