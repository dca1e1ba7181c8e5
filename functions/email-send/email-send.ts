/** What an order's decision or cancellation leads to: a mail to whoever ordered. */
import { RecipientFault } from '#shared/worker/faults.ts';
import type { EventOf } from '../consumed-event.ts';
import type { Done, Outside } from '../consumer.ts';
import { readUser } from '../domain/catalogue.ts';
import { userAddress } from '../domain/keys.ts';
import type { Mailer, Template } from './mailer.ts';

const templates = {
  'order.confirmed': 'order-confirmed',
  'order.rejected': 'order-rejected',
  'order.cancelled': 'order-cancelled',
} as const satisfies Record<string, Template>;

type OrderDecided = EventOf<keyof typeof templates>;

/** An address that is gone or refused is a result, not a failure. */
export async function sendEmail(
  { type, tenant, data: { orderId, userId } }: OrderDecided,
  mailer: Mailer,
  { key, look, trace, deadline }: Outside,
): Promise<Done> {
  const user = readUser(await look(userAddress(tenant, userId)));
  if (!user) return undeliverable('user-unknown');
  const mail = { key, to: user.email, template: templates[type], orderId };
  try {
    await mailer.send(mail, { trace, deadline });
  } catch (error) {
    if (error instanceof RecipientFault) return undeliverable('recipient-refused');
    throw error;
  }
  return { outcome: 'done' };
}

const undeliverable = (reason: string): Done => ({ outcome: 'undeliverable', reason });
